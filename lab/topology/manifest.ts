import { dnsNameFault } from './checks/name.ts';
import { readYaml, type YamlSource } from './document.ts';
import type { Draft } from './draft.ts';
import { type Finding, show } from './fault.ts';
import { ADDRESS_ANNOTATION, pinnedAddressFindings } from './manifest-address.ts';
import type { Problem } from './problem.ts';
import { didYouMean } from './suggest.ts';

/** What became of reading a manifest: its text, or why there is none (as in `no such file`). */
export type ManifestText = { readonly text: string } | { readonly error: string };

/** Reads a manifest by the path written in the topology. */
export type ManifestReader = (path: string) => ManifestText;

/** What the manifests of one topology have used up so far. */
interface Seen {
  readonly pods: Set<string>;
  readonly addresses: Map<string, string>;
}

const podName = dnsNameFault('the name of a pod', 'frontend');

/**
 * Problems of the manifests a topology names. A file that cannot be read is a problem of the topology, at its entry;
 * what is wrong inside has the manifest's own lines.
 *
 * @param display how a manifest's path is shown
 */
export function manifestProblems(
  draft: Draft,
  topology: YamlSource,
  read: ManifestReader,
  display: (path: string) => string,
): Problem[] {
  const problems: Problem[] = [];
  const inside: Problem[] = [];
  const files = new Map<string, number>();
  const seen: Seen = { pods: new Set(), addresses: new Map() };
  draft.pods.forEach(({ path, file }, i) => {
    const before = files.get(file);
    files.set(file, before ?? i);
    if (before !== undefined) {
      problems.push(
        topology.locate({
          path,
          message: `${show(file)} is pods[${before}] already`,
          rule: 'each manifest is named once',
          right: 'the entry removed',
        }),
      );
      return;
    }
    const manifest = read(file);
    if ('error' in manifest) {
      problems.push(
        topology.locate({
          path,
          message: `${show(file)} cannot be read: ${manifest.error}`,
          rule: 'a manifest is a file, its path relative to the topology',
          right: 'a path that exists',
        }),
      );
      return;
    }
    for (const doc of readYaml(manifest.text, display(file), 'one or more v1 Pods')) {
      inside.push(...doc.problems);
      if (doc.problems.length === 0)
        inside.push(...podFindings(doc.value, draft, seen).map((finding) => doc.locate(finding)));
    }
  });
  return [...problems, ...inside];
}

function field(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function podFindings(pod: unknown, draft: Draft, seen: Seen): Finding[] {
  const kind = field(pod, 'kind');
  if (kind !== 'Pod' || field(pod, 'apiVersion') !== 'v1') {
    const key = kind === 'Pod' ? 'apiVersion' : 'kind';
    const value = field(pod, key);
    return [
      {
        path: [key],
        message:
          value === undefined
            ? `${key} is missing`
            : `${show(value)} is not ${key === 'kind' ? 'Pod' : 'v1'}`,
        rule: 'the pods of a topology are objects of apiVersion v1 and kind Pod; others are applied with `hoplab kubectl apply -f`',
        right: `${key}: ${key === 'kind' ? 'Pod' : 'v1'}`,
      },
    ];
  }
  const full = `${field(pod, 'metadata', 'namespace') ?? 'default'}/${field(pod, 'metadata', 'name')}`;
  const pin = field(pod, 'metadata', 'annotations', ADDRESS_ANNOTATION);
  return [
    ...nameFindings(pod, full, seen),
    ...pinnedAddressFindings(pin, full, draft, seen.addresses),
    ...placeFindings(pod, draft),
    ...containerFindings(pod),
  ];
}

function nameFindings(pod: unknown, full: string, seen: Seen): Finding[] {
  const name = field(pod, 'metadata', 'name');
  const path = ['metadata', 'name'];
  if (typeof name !== 'string') {
    return [
      {
        path,
        message: 'the pod has no name',
        rule: 'metadata.name is required',
        right: 'name: frontend under metadata',
      },
    ];
  }
  const fault = podName(name);
  if (fault) return [{ path, ...fault }];
  if (seen.pods.has(full)) {
    return [
      {
        path,
        message: `there is a pod ${full} already`,
        rule: 'a pod has a name of its own in its namespace',
        right: `another name, such as ${name}-2`,
      },
    ];
  }
  seen.pods.add(full);
  return [];
}

function placeFindings(pod: unknown, draft: Draft): Finding[] {
  if (!draft.nodes) return [];
  const names = draft.nodes.map((node) => node.machine);
  const path = ['spec', 'nodeName'];
  const rule = 'spec.nodeName says which node runs the pod, by its short or its Kubernetes name';
  const nodeName = field(pod, 'spec', 'nodeName');
  if (nodeName === undefined || nodeName === null) {
    return [{ path, message: 'nodeName is missing', rule, right: `nodeName: ${names.join(' or ')}` }];
  }
  if (draft.nodes.some((node) => node.machine === nodeName || node.nodeName === nodeName)) return [];
  // A Kubernetes name that is itself faulty cannot be compared.
  if (draft.nodes.some((node) => node.nodeName === undefined)) return [];
  return [
    { path, message: `there is no node ${show(nodeName)}`, rule, right: didYouMean(String(nodeName), names) },
  ];
}

function containerFindings(pod: unknown): Finding[] {
  const containers = field(pod, 'spec', 'containers');
  if (Array.isArray(containers) && containers.length > 0) return [];
  return [
    {
      path: ['spec', 'containers'],
      message: containers === undefined ? 'containers is missing' : `${show(containers)} holds no container`,
      rule: 'a pod has one container or more',
      right: 'a list such as [{ name: web, image: nginx }]',
    },
  ];
}
