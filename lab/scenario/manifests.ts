import { readFile } from 'node:fs/promises';
import { isMap, parseAllDocuments } from 'yaml';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { PodManifest } from './access.ts';

/** A manifest beside the scenario file; `on` places its pods that name no node: a story needs to know where. */
export type PodFile = string | { readonly file: string; readonly on: string };

/**
 * The pods of a manifest, one document each. A pod without a namespace is in `default`; one without `spec.nodeName`
 * is placed on `on`. Nothing else is changed, so a figure's manifest can be used as it is printed.
 * @throws HoplabError when the file is no YAML, holds something that is no Pod, or a pod has no place
 */
export function parsePods(
  text: string,
  file: string,
  nodes: readonly string[],
  on?: string | undefined,
): PodManifest[] {
  const wrong = (message: string, next: string): HoplabError =>
    new HoplabError({ code: 'E_MANIFEST', exitCode: EXIT.usage, message: `${file}: ${message}`, next });
  const pods: PodManifest[] = [];
  for (const document of parseAllDocuments(text)) {
    const fault = document.errors[0];
    if (fault) throw wrong(fault.message, 'correct the YAML');
    if (document.toJS() === null) continue;
    if (!isMap(document.contents) || document.get('kind') !== 'Pod') {
      throw wrong(
        `a document is no Pod but ${String(document.toJS()?.kind)}`,
        'only pods are placed by name; objects of other kinds go to `manifests`',
      );
    }
    const name = document.getIn(['metadata', 'name']);
    if (typeof name !== 'string') throw wrong('a pod has no metadata.name', 'give it a name');
    if (!document.hasIn(['metadata', 'namespace'])) document.setIn(['metadata', 'namespace'], 'default');
    if (!document.hasIn(['spec', 'nodeName'])) {
      if (on === undefined)
        throw wrong(
          `the pod ${name} has no spec.nodeName`,
          'name a node there, or in the scenario: { file, on }',
        );
      document.setIn(['spec', 'nodeName'], on);
    }
    const node = String(document.getIn(['spec', 'nodeName']));
    if (!nodes.includes(node)) {
      throw wrong(`the pod ${name} wants the node ${node}`, `the topology's nodes: ${nodes.join(', ')}`);
    }
    const namespace = String(document.getIn(['metadata', 'namespace']));
    pods.push({ namespace, name, node, yaml: document.toString(), file });
  }
  return pods;
}

/** {@link parsePods} of a file. */
export async function readPods(file: string, nodes: readonly string[], on?: string): Promise<PodManifest[]> {
  return parsePods(await readFile(file, 'utf8'), file, nodes, on);
}
