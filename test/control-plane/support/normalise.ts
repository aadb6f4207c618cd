import { parse } from 'yaml';

/** Makes recorded and own answers comparable: what differs from run to run is replaced, what is not ours is left out. */
export function normalise(text: string, isStream: boolean): unknown {
  if (isStream)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => clean(JSON.parse(line)));
  try {
    return clean(JSON.parse(text));
  } catch {
    return text.startsWith('apiVersion: ') ? clean(parse(text)) : text;
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
/** Left out wherever they stand: field ownership is not served, versions are ours. */
const DROPPED = new Set(['managedFields', 'resourceVersion', 'storageVersionHash']);

function clean(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return cleanText(value, key);
  if (Array.isArray(value))
    return value.filter((item) => !isForkSource(item)).map((item) => clean(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !DROPPED.has(name));
  return Object.fromEntries(
    entries.map(([name, item]) => [name, clean(item, name)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function cleanText(text: string, key: string): string {
  if (key === 'continue') return '<continue>';
  return text
    .replace(UUID, '<uid>')
    .replace(TIME, '<time>')
    .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<random>')
    .replace(/too old resource version: \d+ \(\d+\)/g, 'too old resource version')
    .replace(/\\"resourceVersion\\":\\"\d+\\",?/g, '')
    .replace(/"resourceVersion":"\d+",?/g, '');
}

/** The recording's binaries carry a patch that adds a source to every token volume; see RECORDING.md. */
function isForkSource(item: unknown): boolean {
  const name = (item as { configMap?: { name?: string } } | null)?.configMap?.name;
  return name === 'openshift-service-ca.crt';
}

/** At most so many places are told of one answer. */
const LIMIT = 12;

/**
 * The first places where two values differ, as lines.
 * @param allowed values that may differ
 */
export function differences(
  recorded: unknown,
  ours: unknown,
  allowed: (recorded: unknown, ours: unknown, path: string) => boolean,
  path = '$',
): string[] {
  const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null;
  if (!isTree(recorded) || !isTree(ours) || Array.isArray(recorded) !== Array.isArray(ours)) {
    if (Object.is(recorded, ours) || allowed(recorded, ours, path)) return [];
    return [`${path}: recorded ${show(recorded)}, ours ${show(ours)}`];
  }
  const left = recorded as Record<string, unknown>;
  const right = ours as Record<string, unknown>;
  const found: string[] = [];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    found.push(...differences(left[key], right[key], allowed, `${path}.${key}`));
    if (found.length >= LIMIT) break;
  }
  return found.slice(0, LIMIT);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
