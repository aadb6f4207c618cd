import { describe, expect, it } from 'vitest';
import { PAPER_CLUSTER } from '../../../api/cluster.fixture.ts';
import type { ClusterConfig, NodeConfig } from '../../../api/cluster.ts';
import { renderBirdConfig } from './config.ts';

const node = (name: string, nodeName: string, address: string): NodeConfig => ({
  name,
  nodeName,
  role: 'worker',
  address,
  prefixLength: 24,
  interface: 'ens192',
});

const nodes = [
  node('controlpl1', 'iks-networking-example-cl-controlpl-1c6b752d90', '10.1.110.108'),
  node('worker1', 'iks-networking-example-cl-iks-networ-7ab29bc950', '10.1.110.102'),
  node('worker2', 'iks-networking-example-cl-iks-networ-ac625d72ba', '10.1.110.107'),
] as const;

const cluster: ClusterConfig = {
  ...PAPER_CLUSTER,
  nodes,
};

const worker2 = renderBirdConfig({ cluster, self: nodes[2], blocks: ['192.168.8.192/26'] });

describe('bird.cfg', () => {
  it("has Figure 14's mesh section on worker2", () => {
    const mesh = worker2['bird.cfg'].split('# ----- Node-to-node mesh -----')[1];
    expect(mesh?.replaceAll(/\n\n+/g, '\n').trim()).toBe(
      `# For peer /host/iks-networking-example-cl-controlpl-1c6b752d90/ip_addr_v4
protocol bgp Mesh_10_1_110_108 from bgp_template {
  neighbor 10.1.110.108 as 64512;
  passive on; # Mesh is unidirectional, peer will connect to us.
}
# For peer /host/iks-networking-example-cl-iks-networ-7ab29bc950/ip_addr_v4
protocol bgp Mesh_10_1_110_102 from bgp_template {
  neighbor 10.1.110.102 as 64512;
}
# For peer /host/iks-networking-example-cl-iks-networ-ac625d72ba/ip_addr_v4
# Skipping ourselves (10.1.110.107)
# ----- Global peers -----
# No global peers configured.
# ----- Node-specific peers -----
# No node-specific peers configured.`,
    );
  });

  it('makes exactly one side of every pair passive, comparing addresses as text', () => {
    const pair = [node('a', 'a', '10.1.110.9'), node('b', 'b', '10.1.110.10')] as const;
    const [nine, ten] = pair.map(
      (self) => renderBirdConfig({ cluster: { ...cluster, nodes: pair }, self, blocks: [] })['bird.cfg'],
    );
    expect(nine).not.toContain('passive on');
    expect(ten).toContain('passive on');
  });

  it('announces the own block whole and keeps its /32 routes in', () => {
    expect(worker2['bird_aggr.cfg']).toContain('route 192.168.8.192/26 blackhole;');
    expect(worker2['bird_aggr.cfg']).toContain('if ( net ~ 192.168.8.192/26 ) then { reject; }');
  });

  it('sets the next hop after the interface', () => {
    expect(worker2['bird_ipam.cfg']).toMatch(/onlink = true;\s+ifname = "tunl0";\s+gw = bgp_next_hop;/);
  });

  it('leaves the tunnel out where the encapsulation says so', () => {
    const render = (encapsulation: ClusterConfig['encapsulation']) =>
      renderBirdConfig({ cluster: { ...cluster, encapsulation }, self: nodes[2], blocks: [] })[
        'bird_ipam.cfg'
      ];
    expect(render('Never')).not.toContain('tunl0');
    expect(render('CrossSubnet')).toContain('!( bgp_next_hop ~ 10.1.110.0/24 )');
  });
});
