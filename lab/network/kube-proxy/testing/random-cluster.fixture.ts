import type { EndpointSlice, Service } from '../../../api/objects/index.ts';
import { seeded } from '../../../testing/index.ts';

export const NODE = 'worker2';
export const NODE_IP = '10.1.110.107';
export const POD_CIDR = '192.168.0.0/16';

/** One service port as the test thinks of it. */
export interface Plan {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly clusterIP: string;
  readonly port: number;
  readonly nodePort?: number;
  readonly externalIP?: string;
  readonly loadBalancerIP?: string;
  readonly sourceRanges: readonly string[];
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  readonly affinity: boolean;
  readonly endpoints: readonly {
    readonly address: string;
    readonly local: boolean;
    readonly state: 'ready' | 'leaving' | 'gone';
  }[];
}

export interface RandomCluster {
  readonly plans: readonly Plan[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
}

export function randomCluster(seed: number): RandomCluster {
  const random = seeded(seed);
  const chance = (p: number) => random() < p;
  const below = (n: number) => Math.floor(random() * n);
  const plans = Array.from({ length: 1 + below(6) }, (_, index): Plan => {
    const type = below(4);
    const isLoadBalancer = type === 3;
    return {
      name: `s${index}`,
      protocol: (['TCP', 'TCP', 'UDP', 'SCTP'] as const)[below(4)] ?? 'TCP',
      clusterIP: `10.96.${seed % 250}.${index + 1}`,
      port: 1 + below(60_000),
      ...(type >= 2 ? { nodePort: 30_000 + index * 10 } : {}),
      ...(chance(0.3) ? { externalIP: chance(0.3) && index === 0 ? NODE_IP : `10.1.200.${index + 1}` } : {}),
      ...(isLoadBalancer ? { loadBalancerIP: `10.1.110.${150 + index}` } : {}),
      sourceRanges:
        isLoadBalancer && chance(0.4) ? ['10.1.0.0/24', ...(chance(0.5) ? ['10.1.110.9/24'] : [])] : [],
      externalLocal: chance(0.4),
      internalLocal: chance(0.2),
      affinity: chance(0.3),
      endpoints: Array.from({ length: below(6) }, (_, n) => ({
        address: chance(0.1) ? NODE_IP : `192.168.${8 + below(100)}.${10 * index + n + 1}`,
        local: chance(0.4),
        state: (['ready', 'ready', 'ready', 'leaving', 'gone'] as const)[below(5)] ?? 'ready',
      })).filter(({ address }, n, all) => all.findIndex((other) => other.address === address) === n),
    };
  });
  return { plans, services: plans.map(toService), slices: plans.map(toSlice) };
}

function toService(plan: Plan): Service {
  const { protocol, port, nodePort } = plan;
  const type = plan.loadBalancerIP ? 'LoadBalancer' : nodePort ? 'NodePort' : 'ClusterIP';
  return {
    metadata: { namespace: 'a', name: plan.name },
    spec: {
      type,
      clusterIP: plan.clusterIP,
      ports: [{ name: 'p', protocol, port, ...(nodePort ? { nodePort } : {}) }],
      externalIPs: plan.externalIP ? [plan.externalIP] : [],
      externalTrafficPolicy: plan.externalLocal ? 'Local' : 'Cluster',
      internalTrafficPolicy: plan.internalLocal ? 'Local' : 'Cluster',
      loadBalancerSourceRanges: plan.sourceRanges,
      sessionAffinity: plan.affinity ? 'ClientIP' : 'None',
    },
    status: { loadBalancer: plan.loadBalancerIP ? { ingress: [{ ip: plan.loadBalancerIP }] } : {} },
  } as Service;
}

function toSlice(plan: Plan): EndpointSlice {
  return {
    metadata: { namespace: 'a', name: `${plan.name}-1`, labels: { 'kubernetes.io/service-name': plan.name } },
    addressType: 'IPv4',
    ports: [{ name: 'p', port: 8080, protocol: plan.protocol }],
    endpoints: plan.endpoints.map(({ address, local, state }) => ({
      addresses: [address],
      nodeName: local ? NODE : 'worker1',
      conditions: {
        ready: state === 'ready',
        serving: state !== 'gone',
        terminating: state !== 'ready',
      },
    })),
  };
}
