import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ContainerSpec } from '../engine/index.ts';
import { loadTopology, type Topology } from '../topology/index.ts';
import { nodeManifests } from './manifests.ts';
import { wantedLab } from './wanted.ts';

const image = (name: string) => ({ tag: `hoplab/${name}:1`, id: '' });
const images = {
  node: image('node'),
  nginx: image('nginx'),
  debian: image('debian'),
  toolbox: image('toolbox'),
};

let topology: Topology;
beforeAll(async () => {
  topology = await loadTopology(fileURLToPath(new URL('../../topologies/iks.yaml', import.meta.url)));
});

const container = (name: string): ContainerSpec => {
  const found = wantedLab(topology, images, new Map()).containers.find((spec) => spec.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const file = (spec: ContainerSpec, path: string) =>
  String(spec.files?.find((candidate) => candidate.path === path)?.content);

describe('the lab of iks.yaml', () => {
  it('gives nodes what they need and nothing more', () => {
    const worker = container('worker2');
    expect(worker.capAdd).toEqual(['NET_ADMIN', 'SYS_ADMIN']);
    expect(worker.devices).toEqual(['/dev/net/tun']);
    expect(container('router').capAdd).toEqual(['NET_ADMIN']);
    expect(container('client').capAdd).toEqual(['NET_ADMIN']);
  });

  it("names worker2's interface and MAC as the paper does", () => {
    expect(file(container('worker2'), '/etc/hoplab/network')).toContain(
      'link ens192 10.1.110.107/24 00:50:56:93:1c:47 1500\nroute default via 10.1.110.254',
    );
  });

  it('masquerades at the router towards the internet only', () => {
    const network = file(container('router'), '/etc/hoplab/network');
    expect(network.match(/^masquerade .*$/gm)).toEqual(['masquerade internet']);
    expect(network).not.toMatch(/^route/m);
  });

  it("keeps Docker's gateway off every address of the lab", () => {
    const lab = wantedLab(topology, images, new Map());
    const used = lab.containers.flatMap(({ networks }) => networks.map(({ address }) => address));
    for (const { dockerGateway } of lab.networks) expect(used).not.toContain(dockerGateway);
  });

  it('carries the topology on the router, so that other verbs find it', () => {
    expect(JSON.parse(container('router').labels?.['hoplab.topology'] ?? '')).toMatchObject({ name: 'iks' });
  });
});

describe('manifests', () => {
  const pod = (name: string, nodeName: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {nodeName: ${nodeName}, containers: []}\n`;

  it('go to the node they name, by short or Kubernetes name', () => {
    const byFull = pod('b', 'iks-networking-example-cl-iks-networ-ac625d72ba');
    const manifests = nodeManifests(topology, [`${pod('a', 'worker1')}---\n${byFull}`]);
    const names = (node: string) => manifests.get(node)?.map((manifest) => manifest.file);
    expect(names('worker1')).toEqual(['system-calico-node.yaml', 'topology-default-a.yaml']);
    expect(names('worker2')).toEqual(['system-calico-node.yaml', 'topology-default-b.yaml']);
    expect(names('controlpl1')).toEqual(['system-calico-node.yaml']);
  });
});
