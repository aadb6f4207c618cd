import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseAllDocuments, stringify } from 'yaml';
import { MANIFEST_ANNOTATION } from '../api/manifest.ts';
import type { Node, Topology } from '../topology/index.ts';
import { type AppText, appObjects, readApps } from './apps.ts';
import { calicoNode } from './system/calico-node.ts';
import { controlPlanePods } from './system/control-plane.ts';
import { coreDns } from './system/coredns.ts';
import { ingressController } from './system/ingress.ts';
import { kubeProxy } from './system/kube-proxy.ts';
import { metalLb } from './system/metallb.ts';
import { ADDON } from './system/program.ts';
import { standardStorageClass } from './system/storage.ts';

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
 * @param apps manifests of the applications of `topology.apps`
 * @returns by the node's short name
 */
export function nodeManifests(
  topology: Topology,
  texts: readonly string[],
  apps: readonly AppText[] = [],
): Map<string, Manifest[]> {
  const control = topology.nodes.find(({ role }) => role === 'control-plane');
  if (!control) return new Map(); // the topology's validation has refused it
  const statics = controlPlanePods(topology).map((pod) => ({
    path: `${MANIFEST_DIR}/system-${(pod as PodDocument).metadata.name}.yaml`,
    content: stringify(pod),
  }));
  const addons = Object.entries(systemAddons(topology)).map(([name, objects]) => ({
    path: `${ADDON_DIR}/system-${name}.yaml`,
    content: objects.map((object) => stringify(marked(object))).join('---\n'),
  }));
  const pods = texts.flatMap((text) => topologyPods(text, topology.nodes));
  const applications = apps.map(({ name, text }) => ({
    path: `${ADDON_DIR}/topology-app_${name}.yaml`,
    content: appObjects(text)
      .map((object) => stringify(marked(object)))
      .join('---\n'),
  }));
  return new Map([[control.name, [...statics, ...addons, ...pods, ...applications]]]);
}

/** The system's own objects by the name of their file. */
function systemAddons(topology: Topology): Record<string, object[]> {
  return {
    'calico-node': calicoNode(),
    standard: [standardStorageClass()],
    'kube-proxy': kubeProxy(),
    coredns: coreDns(topology),
    metallb: metalLb(topology),
    ...(topology.cluster.ingress ? { ingress: ingressController(topology) } : {}),
  };
}

const WORKLOADS = ['DaemonSet', 'Deployment', 'Pod'];

/** A workload with the hash of its own text, so that it can be known which manifest the API has of it. */
function marked<T extends object>(object: T): T {
  const { kind, metadata } = object as { kind?: string; metadata?: { annotations?: object } };
  if (!WORKLOADS.includes(kind ?? '')) return object;
  const annotations = { ...metadata?.annotations, [MANIFEST_ANNOTATION]: hashOf(JSON.stringify(object)) };
  return { ...object, metadata: { ...metadata, annotations } };
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 10);

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
    document.setIn(['metadata', 'annotations', MANIFEST_ANNOTATION], hashOf(String(document)));
    // No name has an underscore, so no two pods share a file.
    const file = `topology-${pod.metadata.namespace ?? 'default'}_${pod.metadata.name}.yaml`;
    return [{ path: `${ADDON_DIR}/${file}`, content: String(document) }];
  });
}

interface Workload {
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: { readonly spec: { readonly tolerations?: readonly Toleration[] } };
  };
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
}

/** Of a node with this role; its effect is NoSchedule. */
const CONTROL_PLANE_TAINT = 'node-role.kubernetes.io/control-plane';
const toleratesControlPlane = (tolerations: readonly Toleration[] = []): boolean =>
  tolerations.some(({ key, operator }) =>
    key === undefined ? operator === 'Exists' : key === CONTROL_PLANE_TAINT,
  );

/**
 * The workloads among a control plane's manifests, as `nodectl wait workloads` takes them:
 * `KIND/NAMESPACE/NAME@MANIFEST*PODS`.
 */
export function workloadsOf(topology: Topology, manifests: readonly Manifest[]): string[] {
  const texts = manifests.filter(({ path }) => path.startsWith(ADDON_DIR)).map(({ content }) => content);
  const objects = texts.flatMap((text) =>
    parseAllDocuments(text).flatMap((document) =>
      document.contents === null ? [] : [document.toJS() as Workload],
    ),
  );
  return objects
    .filter(({ kind }) => WORKLOADS.includes(kind))
    .map(({ kind, metadata: { namespace, name, annotations }, spec }) => {
      const everywhere = toleratesControlPlane(spec.template?.spec.tolerations);
      const nodes = topology.nodes.filter(({ role }) => everywhere || role === 'worker').length;
      const pods = kind === 'DaemonSet' ? nodes : (spec.replicas ?? 1);
      return `${kind}/${namespace}/${name}@${annotations[MANIFEST_ANNOTATION]}*${pods}`;
    });
}

/** Reads the topology's pod files and hands them to {@link nodeManifests}. */
export async function readNodeManifests(topology: Topology): Promise<Map<string, Manifest[]>> {
  const texts = await Promise.all(topology.pods.map(({ path }) => readFile(path, 'utf8')));
  return nodeManifests(topology, texts, await readApps(topology));
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
