import { readFile } from 'node:fs/promises';
import { parseAllDocuments, stringify } from 'yaml';
import type { Topology } from '../topology/topology.ts';
import { calicoNodePod } from './system-pods.ts';

/** The kubelet's directory of static pods. */
export const MANIFEST_DIR = '/etc/kubernetes/manifests';

/** A file of {@link MANIFEST_DIR}. */
export interface Manifest {
  readonly file: string;
  readonly content: string;
}

/** Files that `up` owns start so; others (a scenario's, a user's) are left alone. */
const OWNED = /^(system|topology)-.*\.yaml$/;

/** What `up` has to do to one node's manifests. */
export interface ManifestChanges {
  readonly write: readonly Manifest[];
  readonly remove: readonly string[];
}

interface PodDocument {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: { readonly nodeName?: string };
}

/**
 * The manifests that the topology puts on each node: calico-node everywhere, and the topology's pods where
 * their `spec.nodeName` says (short name or Kubernetes name).
 *
 * @param texts content of each file of `topology.pods`, in order
 * @returns by the node's short name
 */
export function nodeManifests(topology: Topology, texts: readonly string[]): Map<string, Manifest[]> {
  const byNode = new Map<string, Manifest[]>();
  for (const node of topology.nodes) {
    byNode.set(node.name, [
      { file: 'system-calico-node.yaml', content: stringify(calicoNodePod(node.name)) },
    ]);
  }
  for (const text of texts) {
    for (const document of parseAllDocuments(text)) {
      if (document.contents === null) continue;
      const pod = document.toJS() as PodDocument;
      const node = topology.nodes.find(({ name, nodeName }) =>
        [name, nodeName].includes(pod.spec.nodeName ?? ''),
      );
      if (!node) continue; // the topology's validation has refused such a file
      // No name has an underscore, so no two pods share a file.
      const file = `topology-${pod.metadata.namespace ?? 'default'}_${pod.metadata.name}.yaml`;
      byNode.get(node.name)?.push({ file, content: String(document) });
    }
  }
  return byNode;
}

/** Reads the topology's pod files and hands them to {@link nodeManifests}. */
export async function readNodeManifests(topology: Topology): Promise<Map<string, Manifest[]>> {
  const texts = await Promise.all(topology.pods.map(({ path }) => readFile(path, 'utf8')));
  return nodeManifests(topology, texts);
}

/**
 * The difference between the files a node has and those it should have.
 *
 * @param present content by file name
 */
export function manifestChanges(
  wanted: readonly Manifest[],
  present: ReadonlyMap<string, string>,
): ManifestChanges {
  const names = new Set(wanted.map(({ file }) => file));
  return {
    write: wanted.filter(({ file, content }) => present.get(file) !== content),
    // An empty file is what is left of one that was removed while its node was stopped.
    remove: [...present]
      .filter(([file, text]) => OWNED.test(file) && !names.has(file) && text !== '')
      .map(([file]) => file),
  };
}
