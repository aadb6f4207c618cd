import type { FieldError, Kind, KubeObject } from '../../registry/index.ts';
import type { Entry } from '../../store/index.ts';
import { parseFieldSelector } from '../selector/fields.ts';
import { parseLabelSelector } from '../selector/labels.ts';
import { invalidOptions, parseFlag, parseInteger, parseRevision } from './options.ts';

/** Query of a list, watch or deletecollection. */
export interface ListOptions {
  readonly watch: boolean;
  /** Undefined when no selector was given. */
  readonly matches: ((object: KubeObject) => boolean) | undefined;
  readonly revision: number | undefined;
  readonly exact: boolean;
  readonly limit: number;
  readonly continueToken: string;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/**
 * @param fixedName a name from the path, which the old watch path has
 * @throws StatusError 400 or 422 as a real server
 */
export function parseListOptions(
  query: URLSearchParams,
  kind: Kind,
  path: { readonly watch: boolean; readonly name?: string | undefined },
): ListOptions {
  const watch = path.watch || parseFlag(query.get('watch'));
  const limit = parseInteger(query.get('limit')) ?? 0;
  const timeoutSeconds = parseInteger(query.get('timeoutSeconds'));
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', kind);
  const continueToken = query.get('continue') ?? '';
  checkRevisionOptions(query, watch, continueToken);
  const { name } = path;
  const all = [
    ...(labels ? [(object: KubeObject) => labels(object.metadata.labels)] : []),
    ...(fields ? [fields] : []),
    ...(name === undefined ? [] : [(object: KubeObject) => object.metadata.name === name]),
  ];
  return {
    watch,
    matches: all.length === 0 ? undefined : (object) => all.every((matches) => matches(object)),
    revision: parseRevision(query.get('resourceVersion')),
    exact: query.get('resourceVersionMatch') === 'Exact',
    limit: Math.max(0, limit),
    continueToken,
    bookmarks: parseFlag(query.get('allowWatchBookmarks')),
    timeoutSeconds,
  };
}

/** Entries that a selector lets through; all of them, untouched, without one. */
export function select(entries: readonly Entry[], matches: ListOptions['matches']): readonly Entry[] {
  return matches === undefined ? entries : entries.filter((entry) => matches(entry.object));
}

/** apimachinery's ValidateListOptions with the WatchList feature off, as in 1.31. */
function checkRevisionOptions(query: URLSearchParams, watch: boolean, continueToken: string): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const revision = query.get('resourceVersion') ?? '';
  const errors: FieldError[] = [];
  const forbid = (field: string, why: string): void => {
    errors.push({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` });
  };
  if (query.has('sendInitialEvents')) {
    const why = watch
      ? 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
      : 'sendInitialEvents is forbidden for list';
    forbid('sendInitialEvents', why);
  } else if (match !== '') {
    if (watch) forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch');
    if (revision === '')
      forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (continueToken !== '')
      forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push({
        reason: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
      });
    if (match === 'Exact' && revision === '0')
      forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
}
