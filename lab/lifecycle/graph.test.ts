import { describe, expect, it } from 'vitest';
import { renderGraph } from './graph.ts';
import { type LabStatus, renderStatus } from './lab-status.ts';

const session = (peer: string) => ({ peer, state: 'up', info: 'Established' });
const node = (name: string, address: string, peer: string) => ({
  name,
  nodeName: name,
  role: 'worker',
  network: 'nodes',
  interface: 'ens192',
  address,
  state: 'running',
  ready: true,
  waitingFor: [],
  blocks: ['192.168.8.192/26'],
  tunnel: { dataPlane: 'user', address: '192.168.8.192', mtu: 1440 },
  sessions: [session(peer)],
});

const status: LabStatus = {
  logins: [],
  lab: 'iks',
  networks: [{ name: 'nodes', subnet: '10.1.110.0/24' }],
  nodes: [node('worker1', '10.1.110.102', '10.1.110.107'), node('worker2', '10.1.110.107', '10.1.110.102')],
  hosts: [
    {
      name: 'router',
      role: 'router',
      state: 'running',
      interfaces: [{ network: 'nodes', name: 'nodes', address: '10.1.110.254' }],
    },
  ],
  pods: [
    {
      namespace: 'default',
      name: 'frontend-1',
      node: 'worker1',
      phase: 'Running',
      ready: '1/1',
      restarts: 0,
      ip: '192.168.104.115',
      interface: 'cali0123456789a',
      message: '',
    },
  ],
};

describe('graph', () => {
  it('draws each BGP session once', () => {
    expect(renderGraph(status, 'mermaid').match(/BGP/g)).toHaveLength(1);
    expect(renderGraph(status, 'dot').match(/label="BGP"/g)).toHaveLength(1);
  });

  it('names the veth on the line to the pod', () => {
    expect(renderGraph(status, 'mermaid')).toContain(
      'node_worker1 ---|"cali0123456789a"| pod_default_frontend_1',
    );
  });

  it('marks what is down', () => {
    const [first] = status.nodes;
    if (!first) throw new Error('no node');
    const down = { ...status, nodes: [{ ...first, state: 'exited' }] };
    expect(renderGraph(down, 'mermaid')).toContain(':::down');
    expect(renderGraph(down, 'dot')).toContain('style=dashed');
  });
});

describe('status', () => {
  it('says which data plane carries tunl0', () => {
    expect(renderStatus(status)).toContain('user-space tunl0d');
  });

  it('says who may log in at an application, where one runs', () => {
    const login = { namespace: 'default', application: 'wordpress', user: 'admin', password: 'secret' };
    expect(renderStatus({ ...status, logins: [login] })).toMatch(/^default +wordpress +admin +secret$/m);
    expect(renderStatus(status)).not.toContain('PASSWORD');
  });

  it('lists pods as kubectl does', () => {
    expect(renderStatus(status)).toMatch(
      /^default +frontend-1 +1\/1 +Running +0 +192\.168\.104\.115 +worker1 +cali0123456789a$/m,
    );
  });
});
