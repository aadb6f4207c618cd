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

const identity = { pki: { authority: { cert: '', key: '' }, tokens: {} }, newAuthority: false };

let topology: Topology;
beforeAll(async () => {
  topology = await loadTopology(fileURLToPath(new URL('../../topologies/iks.yaml', import.meta.url)));
});

const container = (name: string): ContainerSpec => {
  const found = wantedLab(topology, images, new Map(), identity).containers.find(
    (spec) => spec.name === name,
  );
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
    for (const name of ['router', 'client', 'internet']) {
      expect(container(name).capDrop).toEqual(['ALL']);
      expect(container(name).capAdd).not.toContain('SYS_ADMIN');
      expect(container(name).noNewPrivileges).toBe(true);
    }
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
    const lab = wantedLab(topology, images, new Map(), identity);
    const used = lab.containers.flatMap(({ networks }) => networks.map(({ address }) => address));
    for (const { dockerGateway } of lab.networks) expect(used).not.toContain(dockerGateway);
  });

  it('keeps state in volumes of one node each: no two share a directory', () => {
    const { containers, volumes } = wantedLab(topology, images, new Map(), identity);
    const mounted = containers.flatMap((spec) => (spec.volumes ?? []).filter(({ readOnly }) => !readOnly));
    expect(new Set(mounted.map(({ volume }) => volume)).size).toBe(mounted.length);
    expect(volumes).toEqual(['controlpl1-kubelet', 'worker1-kubelet', 'worker2-kubelet', 'apiserver']);
  });

  it('needs no TUN device without a tunnel', () => {
    const cluster = { ...topology.cluster, encapsulation: 'Never' as const };
    const lab = wantedLab({ ...topology, cluster }, images, new Map(), identity);
    expect(lab.containers.find(({ name }) => name === 'worker1')?.devices).toEqual([]);
  });
});

describe('manifests', () => {
  const pod = (name: string, nodeName: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {nodeName: ${nodeName}, containers: []}\n`;

  it('are objects of the API, bound to the node they name by short or Kubernetes name', () => {
    const worker2 = 'iks-networking-example-cl-iks-networ-ac625d72ba';
    const manifests = nodeManifests(topology, [`${pod('a', 'worker1')}---\n${pod('b', worker2)}`]);
    expect([...manifests.keys()]).toEqual(['controlpl1']);
    const files = new Map(manifests.get('controlpl1')?.map(({ path, content }) => [path, content]));
    expect([...files.keys()]).toContain('/etc/kubernetes/manifests/system-kube-apiserver.yaml');
    expect(files.get('/etc/kubernetes/addons/topology-default_a.yaml')).toContain(
      'nodeName: iks-networking-example-cl-iks-networ-7ab29bc950',
    );
    expect(files.get('/etc/kubernetes/addons/topology-default_b.yaml')).toContain(`nodeName: ${worker2}`);
  });
});
