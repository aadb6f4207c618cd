import { readFile } from 'node:fs/promises';
import { parseAllDocuments, stringify } from 'yaml';
import type { Node, Topology } from '../topology/index.ts';
import { controlPlanePods } from './control-plane-pods.ts';
import { ADDON, calicoNodeDaemonSet, standardStorageClass } from './system-pods.ts';

/** The kubelet's directory of static pods. */
export const MANIFEST_DIR = '/etc/kubernetes/manifests';
/** What the addon manager keeps in the API: the system's own objects and the topology's pods. */
export const ADDON_DIR = '/etc/kubernetes/addons';
export const MANIFEST_DIRS = [MANIFEST_DIR, ADDON_DIR] as const;

/** A file of one of {@link MANIFEST_DIRS}. */
export interface Manifest {
  /** Absolute path in the node. */
  readonly path: string;
  readonly content: string;
}

/** Files that `up` owns start so; others (a user's) are left alone. */
const OWNED = /\/(system|topology)-[^/]*\.yaml$/;

/** What `up` has to do to one node's manifests. */
export interface ManifestChanges {
  readonly write: readonly Manifest[];
  /** Paths. */
  readonly remove: readonly string[];
}

interface PodDocument {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName?: string };
}

/**
 * The manifests that a topology puts on its nodes. Those of the API server and its kin are static pods of the control
 * plane; everything else is an object of the API, which the control plane's addon manager applies.
 *
 * @param texts content of each file of `topology.pods`, in order
 * @returns by the node's short name
 */
export function nodeManifests(topology: Topology, texts: readonly string[]): Map<string, Manifest[]> {
  const control = topology.nodes.find(({ role }) => role === 'control-plane');
  if (!control) return new Map(); // the topology's validation has refused it
  const statics = controlPlanePods(topology).map((pod) => ({
    path: `${MANIFEST_DIR}/system-${(pod as PodDocument).metadata.name}.yaml`,
    content: stringify(pod),
  }));
  const addons = [
    { path: `${ADDON_DIR}/system-calico-node.yaml`, content: stringify(calicoNodeDaemonSet()) },
    { path: `${ADDON_DIR}/system-standard.yaml`, content: stringify(standardStorageClass()) },
  ];
  const pods = texts.flatMap((text) => topologyPods(text, topology.nodes));
  return new Map([[control.name, [...statics, ...addons, ...pods]]]);
}

/** The pods of one file, each bound to its node by the name that the API knows. */
function topologyPods(text: string, nodes: readonly Node[]): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.contents === null) return [];
    const pod = document.toJS() as PodDocument;
    const node = nodes.find(({ name, nodeName }) => [name, nodeName].includes(pod.spec.nodeName ?? ''));
    if (!node) return []; // the topology's validation has refused such a file
    document.setIn(['spec', 'nodeName'], node.nodeName);
    document.setIn(['metadata', 'labels'], { ...pod.metadata.labels, ...ADDON });
    document.setIn(['metadata', 'namespace'], pod.metadata.namespace ?? 'default');
    // No name has an underscore, so no two pods share a file.
    const file = `topology-${pod.metadata.namespace ?? 'default'}_${pod.metadata.name}.yaml`;
    return [{ path: `${ADDON_DIR}/${file}`, content: String(document) }];
  });
}

/** Names (`namespace/name`) of the topology's pods, by the short name of the node they are bound to. */
export async function topologyPodNames(topology: Topology): Promise<(node: string) => string[]> {
  const texts = await Promise.all(topology.pods.map(({ path }) => readFile(path, 'utf8')));
  const pods = texts.flatMap((text) =>
    parseAllDocuments(text).flatMap((document) =>
      document.contents === null ? [] : [document.toJS() as PodDocument],
    ),
  );
  return (node) => {
    const names = topology.nodes
      .filter(({ name }) => name === node)
      .flatMap(({ name, nodeName }) => [name, nodeName]);
    return pods
      .filter(({ spec }) => names.includes(spec.nodeName ?? ''))
      .map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`);
  };
}

/** Reads the topology's pod files and hands them to {@link nodeManifests}. */
export async function readNodeManifests(topology: Topology): Promise<Map<string, Manifest[]>> {
  const texts = await Promise.all(topology.pods.map(({ path }) => readFile(path, 'utf8')));
  return nodeManifests(topology, texts);
}

/**
 * The difference between the files a node has and those it should have.
 *
 * @param present content by path
 */
export function manifestChanges(
  wanted: readonly Manifest[],
  present: ReadonlyMap<string, string>,
): ManifestChanges {
  const paths = new Set(wanted.map(({ path }) => path));
  return {
    write: wanted.filter(({ path, content }) => present.get(path) !== content),
    // An empty file is what is left of one that was removed while its node was stopped.
    remove: [...present]
      .filter(([path, text]) => OWNED.test(path) && !paths.has(path) && text !== '')
      .map(([path]) => path),
  };
}
