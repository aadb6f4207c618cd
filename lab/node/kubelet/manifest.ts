import { createHash } from 'node:crypto';
import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import type { Container, Pod } from '../runtime/index.ts';

/** A mistake in a manifest, with its place. */
export interface ManifestError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ManifestResult {
  readonly pods: readonly Pod[];
  /** When not empty, none of the file's pods is used. */
  readonly errors: readonly ManifestError[];
}

/** @returns `file:line:column: message`, which editors turn into a link. */
export function formatManifestError(error: ManifestError): string {
  return `${error.file}:${error.line}:${error.column}: ${error.message}`;
}

type Path = readonly (string | number)[];
type Report = (path: Path, message: string) => void;

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkStrings(value: unknown, path: Path, report: Report): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    report(path, `${path.at(-1)}: must be a list of strings`);
    return;
  }
  for (const [index, item] of value.entries()) {
    if (typeof item !== 'string') {
      report(
        [...path, index],
        `${path.at(-1)}[${index}]: must be a string, is ${JSON.stringify(item)} (quote it)`,
      );
    }
  }
}

/** Only an init container may have one, and only the one that makes it a sidecar. */
function checkRestartPolicy(policy: unknown, path: Path, report: Report): void {
  if (policy === undefined) return;
  const at = [...path, 'restartPolicy'];
  if (!path.includes('initContainers'))
    report(at, 'restartPolicy: Forbidden: may not be set for non-init containers');
  else if (policy !== 'Always') {
    report(at, `restartPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Always"`);
  }
}

function checkContainer(
  value: unknown,
  path: Path,
  names: Set<string>,
  volumes: Set<string>,
  report: Report,
): void {
  if (!isObject(value)) {
    report(path, 'container: must be an object');
    return;
  }
  const container = value as unknown as Container;
  if (typeof container.name !== 'string' || !DNS_LABEL.test(container.name)) {
    report(
      [...path, 'name'],
      `name: Invalid value: ${JSON.stringify(container.name ?? null)}: must be a DNS label (lower case letters, digits and '-', at most 63)`,
    );
  } else if (names.has(container.name))
    report([...path, 'name'], `name: Duplicate value: "${container.name}"`);
  else names.add(container.name);
  if (typeof container.image !== 'string' || container.image.trim() === '')
    report([...path, 'image'], 'image: Required value');
  checkRestartPolicy(container.restartPolicy, path, report);
  checkStrings(container.command, [...path, 'command'], report);
  checkStrings(container.args, [...path, 'args'], report);
  for (const [index, variable] of (Array.isArray(container.env) ? container.env : []).entries()) {
    if (typeof variable?.name !== 'string') report([...path, 'env', index], 'env: Required value: name');
    else if (variable.value !== undefined && typeof variable.value !== 'string') {
      report(
        [...path, 'env', index, 'value'],
        `env ${variable.name}: value must be a string, is ${JSON.stringify(variable.value)} (quote it)`,
      );
    }
  }
  for (const [index, mount] of (Array.isArray(container.volumeMounts)
    ? container.volumeMounts
    : []
  ).entries()) {
    const at = [...path, 'volumeMounts', index];
    if (typeof mount?.name !== 'string' || !volumes.has(mount.name)) {
      report(
        [...at, 'name'],
        `volumeMounts[${index}].name: Not found: ${JSON.stringify(mount?.name ?? null)} (the pod has ${volumes.size === 0 ? 'no volumes' : [...volumes].join(', ')})`,
      );
    }
    if (typeof mount?.mountPath !== 'string' || mount.mountPath === '')
      report(at, `volumeMounts[${index}].mountPath: Required value`);
    if (mount?.subPath?.split('/').includes('..'))
      report([...at, 'subPath'], `subPath: Invalid value: "${mount.subPath}": must not contain '..'`);
  }
}

function checkPod(
  value: unknown,
  report: Report,
): value is Omit<Pod, 'metadata'> & { metadata: Partial<Pod['metadata']> } {
  if (!isObject(value)) {
    report([], 'must be a Pod object');
    return false;
  }
  let bad = false;
  const fail: Report = (path, message) => {
    bad = true;
    report(path, message);
  };
  if (value.apiVersion !== 'v1')
    fail(['apiVersion'], `apiVersion: must be v1, is ${JSON.stringify(value.apiVersion ?? null)}`);
  if (value.kind !== 'Pod')
    fail(
      ['kind'],
      `kind: must be Pod, is ${JSON.stringify(value.kind ?? null)}; the kubelet runs only pods from files`,
    );
  const metadata = value.metadata;
  if (!isObject(metadata) || typeof metadata.name !== 'string' || !DNS_SUBDOMAIN.test(metadata.name)) {
    fail(
      ['metadata', 'name'],
      `metadata.name: must be a DNS subdomain (lower case letters, digits, '-' and '.'), is ${JSON.stringify(isObject(metadata) ? (metadata.name ?? null) : null)}`,
    );
  } else if (
    metadata.namespace !== undefined &&
    !(typeof metadata.namespace === 'string' && DNS_LABEL.test(metadata.namespace))
  ) {
    fail(
      ['metadata', 'namespace'],
      `metadata.namespace: must be a DNS label, is ${JSON.stringify(metadata.namespace)}`,
    );
  }
  const spec = value.spec;
  if (!isObject(spec)) {
    fail(['spec'], 'spec: Required value');
    return false;
  }
  const policy = spec.restartPolicy;
  if (policy !== undefined && !['Always', 'OnFailure', 'Never'].includes(policy as string)) {
    fail(
      ['spec', 'restartPolicy'],
      `spec.restartPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Always", "OnFailure", "Never"`,
    );
  }
  const volumes = new Set<string>();
  for (const [index, volume] of (Array.isArray(spec.volumes) ? (spec.volumes as unknown[]) : []).entries()) {
    if (!isObject(volume) || typeof volume.name !== 'string')
      fail(['spec', 'volumes', index], `volumes[${index}].name: Required value`);
    else volumes.add(volume.name);
  }
  const names = new Set<string>();
  for (const list of ['initContainers', 'containers']) {
    const containers = spec[list];
    if (containers === undefined && list === 'initContainers') continue;
    if (!Array.isArray(containers) || (containers.length === 0 && list === 'containers')) {
      fail(['spec', list], `spec.${list}: Required value`);
      continue;
    }
    for (const [index, container] of containers.entries())
      checkContainer(container, ['spec', list, index], names, volumes, fail);
  }
  return !bad;
}

/** Where a path stands in the text; the nearest parent that exists, where the path itself is missing. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return node.range[0];
    }
  }
  return 0;
}

/**
 * Reads a manifest file: one or more documents, each a v1 Pod. The name stays as written; with an API server the
 * mirror objects of static pods get the node's name as a suffix.
 * @param file the name under which mistakes are reported, and part of the pods' uid
 * @returns the pods, or all mistakes with their positions
 */
export function parseManifest(file: string, text: string): ManifestResult {
  const lines = new LineCounter();
  const errors: ManifestError[] = [];
  const report = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    errors.push({ file, line, column: col, message });
  };
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const pods: Pod[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    for (const error of document.errors) report(error.pos[0], error.message);
    if (document.errors.length > 0 || document.contents === null) continue;
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null) continue;
    if (!checkPod(value, (path, message) => report(offsetOf(document, path), message))) continue;
    const { metadata } = value;
    const namespace = metadata.namespace ?? 'default';
    // Stable over restarts, new with every change, as the real kubelet hashes a static pod's source.
    const uid = metadata.uid ?? uidOf([file, namespace, metadata.name ?? '', JSON.stringify(value)]);
    pods.push({ ...value, metadata: { ...metadata, name: metadata.name as string, namespace, uid } });
  }
  return { pods: errors.length > 0 ? [] : pods, errors };
}

function uidOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
