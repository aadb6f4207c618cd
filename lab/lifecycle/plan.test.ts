import { describe, expect, it } from 'vitest';
import {
  type ContainerSpec,
  containerSpecHash,
  type LabObjects,
  type NetworkSpec,
  specHash,
} from '../engine/index.ts';
import { planLab, renderPlan, type WantedLab } from './plan.ts';

const network: NetworkSpec = {
  lab: 'iks',
  name: 'nodes',
  subnet: '10.1.110.0/24',
  mtu: 1500,
  dockerGateway: '10.1.110.253',
};
const worker: ContainerSpec = {
  lab: 'iks',
  name: 'worker1',
  role: 'node',
  image: 'hoplab/node:1',
  networks: [{ network: 'hoplab-iks-nodes', address: '10.1.110.102' }],
};
const manifest = { path: '/etc/kubernetes/addons/topology-default_web.yaml', content: 'kind: Pod\n' };
const wanted: WantedLab = {
  lab: 'iks',
  topology: {} as WantedLab['topology'],
  hosts: '',
  pki: { authority: { cert: '', key: '' }, tokens: {} },
  newAuthority: false,
  networks: [network],
  volumes: ['apiserver'],
  containers: [worker],
  manifests: new Map([['worker1', [manifest]]]),
};

function actual(
  change: { state?: string; spec?: string; image?: string; network?: string } = {},
): LabObjects {
  const common = { dockerName: '', labels: {} };
  return {
    containers: [
      {
        ...common,
        name: 'worker1',
        id: 'c1',
        role: 'node',
        spec: change.spec ?? containerSpecHash(worker),
        state: change.state ?? 'running',
        status: '',
        image: change.image ?? worker.image,
        imageId: '',
        addresses: {},
      },
    ],
    networks: [
      {
        ...common,
        name: 'nodes',
        id: 'n1',
        spec: change.network ?? specHash(network),
        subnet: network.subnet,
      },
    ],
    volumes: [{ ...common, name: 'apiserver', spec: undefined }],
  };
}

const nothing: LabObjects = { containers: [], networks: [], volumes: [] };
const present = new Map([['worker1', new Map([[manifest.path, manifest.content]])]]);
const actionOf = (plan: ReturnType<typeof planLab>) =>
  plan.containers.map(({ action, why }) => `${action}: ${why}`);

describe('planLab', () => {
  it('creates everything in an empty engine', () => {
    const plan = planLab(wanted, nothing, new Map());
    expect(renderPlan(plan)).toBe('create network nodes\ncreate worker1 (it is not there)');
  });

  it('has nothing to do on what is as it should be', () => {
    const plan = planLab(wanted, actual(), present);
    expect(plan.changed).toBe(false);
    expect(renderPlan(plan)).toContain('nothing to do');
  });

  it('starts what is stopped, and makes again what was never started or cannot be', () => {
    expect(actionOf(planLab(wanted, actual({ state: 'paused' }), present))).toEqual([
      'recreate: it is paused',
    ]);
    expect(actionOf(planLab(wanted, actual({ state: 'exited' }), present))).toEqual(['start: it is exited']);
    expect(actionOf(planLab(wanted, actual({ state: 'created' }), present))).toEqual([
      'recreate: its creation was interrupted',
    ]);
  });

  it('says why a container is made again', () => {
    expect(actionOf(planLab(wanted, actual({ spec: 'other' }), present))).toEqual([
      'recreate: the topology changed',
    ]);
    expect(actionOf(planLab(wanted, actual({ spec: 'other', image: 'hoplab/node:0' }), present))).toEqual([
      'recreate: its image changed to hoplab/node:1',
    ]);
    const moved = planLab(wanted, actual({ network: 'other' }), present);
    expect(renderPlan(moved)).toBe(
      'recreate network nodes\nrestart worker1 (network hoplab-iks-nodes changed)',
    );
  });

  it('changes manifests in place, and leaves those of others alone', () => {
    const files = new Map([
      [manifest.path, 'old'],
      ['/etc/kubernetes/addons/topology-default_gone.yaml', 'x'],
      ['/etc/kubernetes/manifests/scenario-default_x.yaml', 'x'],
      ['/etc/kubernetes/manifests/mine.yaml', 'x'],
    ]);
    const plan = planLab(wanted, actual(), new Map([['worker1', files]]));
    expect(plan.manifests.get('worker1')).toEqual({
      write: [manifest],
      remove: ['/etc/kubernetes/addons/topology-default_gone.yaml'],
    });
    expect(plan.containers[0]?.action).toBe('keep');
  });

  it('removes what the topology has no more', () => {
    const plan = planLab({ ...wanted, containers: [], networks: [], volumes: [] }, actual(), present);
    expect(renderPlan(plan)).toBe(
      'remove network nodes\nremove worker1 (the topology has it no more)\nremove volume apiserver',
    );
  });
});
