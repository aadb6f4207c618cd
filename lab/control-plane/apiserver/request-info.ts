/** What the path of a request names, as apiserver's RequestInfo. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** The old form of a watch: `/api/v1/watch/…`. */
  readonly watch: boolean;
}

/**
 * Parses `/api/v1/…` and `/apis/GROUP/VERSION/…` below the version.
 * @param path decoded by segment, without query
 * @returns undefined when the path is not that of a resource
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = split(path);
  if (!segments) return undefined;
  let at: number;
  let group = '';
  if (segments[0] === 'api') at = 1;
  else if (segments[0] === 'apis') {
    group = segments[1] ?? '';
    at = 2;
  } else return undefined;
  const version = segments[at++];
  if (version === undefined || at >= segments.length) return undefined;
  const watch = segments[at] === 'watch';
  if (watch) at++;
  let rest = segments.slice(at);
  let namespace: string | undefined;
  // `namespaces/NAME/status` and `/finalize` are subresources of a namespace, everything else there is inside it.
  if (rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural, name, subresource] = rest;
  if (plural === undefined || rest.length > 3) return undefined;
  return { group, version, plural, namespace, name, subresource, watch };
}

/** Segments of a path, decoded; a single trailing slash is allowed, empty segments are not. */
function split(path: string): readonly string[] | undefined {
  const trimmed = path.endsWith('/') ? path.slice(1, -1) : path.slice(1);
  const segments = trimmed.split('/');
  if (segments.includes('')) return undefined;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
