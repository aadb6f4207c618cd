import { badRequest, type Kind, type KubeObject, type TableColumn } from '../../registry/index.ts';

/** `?includeObject=`: what each row carries besides its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** @throws StatusError 400 as the real server */
export function parseIncludeObject(text: string | null): IncludeObject {
  if (text === null || text === '' || text === 'Metadata') return 'Metadata';
  if (text === 'None' || text === 'Object') return text;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: "${text}": must be 'Metadata', 'Object', 'None', or empty`,
  );
}

export interface TableOptions {
  readonly version: string;
  readonly include: IncludeObject;
  /** False after the first event of a watch, whose client knows the columns. */
  readonly headers: boolean;
  readonly now: Date;
}

/** What is needed of a kind to make a table. */
export type TableKind = Pick<Kind, 'columns' | 'row'>;

/**
 * A `meta.k8s.io` Table of objects.
 * @param metadata the list's metadata, or for a single object its resourceVersion
 */
export function tableOf(
  kind: TableKind,
  objects: readonly KubeObject[],
  metadata: object,
  options: TableOptions,
): Record<string, unknown> {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: options.headers ? kind.columns.map(columnDefinition) : null,
    rows: objects.map((object) => ({
      cells: kind.row(object, options.now),
      ...rowObject(object, options),
    })),
  };
}

/** `PartialObjectMetadata` of an object. */
export function partialOf(object: KubeObject, version: string): Record<string, unknown> {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata,
  };
}

function rowObject(object: KubeObject, options: TableOptions): Record<string, unknown> {
  if (options.include === 'None') return {};
  return { object: options.include === 'Object' ? object : partialOf(object, options.version) };
}

function columnDefinition({ name, type, format, description, priority }: TableColumn): unknown {
  return { name, type, format: format ?? '', description, priority };
}
