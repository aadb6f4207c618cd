import type { Container } from '../../runtime/index.ts';

/** What a ConfigMap or Secret holds, as bytes: `data` of a Secret is base64, as is `binaryData` of a ConfigMap. */
export type ObjectData = ReadonlyMap<string, Buffer>;

export type DataKind = 'configmap' | 'secret';

/** The objects that pods refer to, as the API server has them. */
export interface DataObjects {
  /** @returns undefined when there is no such object. @throws Error when the API server cannot be asked */
  get(kind: DataKind, namespace: string, name: string): Promise<ObjectData | undefined>;
}

/** @returns an object's content. */
export function objectData(
  kind: DataKind,
  object: {
    readonly data?: Record<string, string> | null;
    readonly binaryData?: Record<string, string> | null;
  },
): ObjectData {
  const encoding = kind === 'secret' ? 'base64' : 'utf8';
  const plain = Object.entries(object.data ?? {}).map(
    ([key, text]) => [key, Buffer.from(text, encoding)] as const,
  );
  const binary = Object.entries(object.binaryData ?? {}).map(
    ([key, text]) => [key, Buffer.from(text, 'base64')] as const,
  );
  return new Map([...plain, ...binary]);
}

/** Key of an object in a map of fetched ones. */
export const dataKey = (kind: DataKind, name: string): string => `${kind}/${name}`;

/** @returns the objects that a container's environment needs, each once. */
export function envReferences(container: Container): { readonly kind: DataKind; readonly name: string }[] {
  const found = new Map<string, { kind: DataKind; name: string }>();
  const add = (kind: DataKind, name: string | undefined) => {
    if (name) found.set(dataKey(kind, name), { kind, name });
  };
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    add('configmap', configMapRef?.name);
    add('secret', secretRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add('configmap', valueFrom?.configMapKeyRef?.name);
    add('secret', valueFrom?.secretKeyRef?.name);
  }
  return [...found.values()];
}
