import type { V1ServiceSpec } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { KindContext, KubeObject } from '../../registry/index.ts';
import { StatusError } from '../../registry/index.ts';
import { services } from './index.ts';

/** Services in a store, created and updated as the server does. */
class Store {
  readonly objects: KubeObject[] = [];
  readonly context: KindContext;

  constructor(serviceCIDR = '10.96.0.0/16', nodePortRange: readonly [number, number] = [30000, 32767]) {
    const list = (): readonly KubeObject[] => this.objects;
    this.context = {
      now: '2026-11-20T10:00:00Z',
      serviceCIDR,
      podCIDR: '192.168.0.0/16',
      nodePortRange,
      get: () => undefined,
      list,
      random: () => 0,
    };
  }

  create(spec: V1ServiceSpec): V1ServiceSpec {
    const name = `s${this.objects.length}`;
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default', uid: name },
      spec: structuredClone(spec),
    };
    services.defaults?.(object);
    services.prepareForCreate?.(object, this.context);
    expect(services.validate?.(object, this.context)).toEqual([]);
    this.objects.push(object);
    return object.spec as V1ServiceSpec;
  }

  update(change: (spec: V1ServiceSpec) => void): V1ServiceSpec {
    const old = this.objects.at(-1) as KubeObject;
    const object = structuredClone(old);
    change(object.spec as V1ServiceSpec);
    services.defaults?.(object);
    services.prepareForUpdate?.(object, old, this.context);
    expect(services.validateUpdate?.(object, old, this.context)).toEqual([]);
    this.objects.splice(-1, 1, object);
    return object.spec as V1ServiceSpec;
  }
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  return '';
}

const ports = [{ port: 80 }];

describe('cluster addresses', () => {
  it('leave the first 256 of a /16 to those that ask', () => {
    expect(new Store().create({ ports }).clusterIP).toBe('10.96.1.0');
  });

  it('are given out to the last one, without network and broadcast address', () => {
    const store = new Store('10.0.0.0/29');
    const given = Array.from({ length: 6 }, () => store.create({ ports }).clusterIP);
    expect(given.sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
    expect(refusal(() => store.create({ ports }))).toContain('range is full');
  });

  it('are free again when the service becomes headless or an ExternalName', () => {
    const store = new Store();
    store.create({ ports, clusterIP: '10.96.0.10' });
    expect(refusal(() => store.create({ ports, clusterIP: '10.96.0.10' }))).toContain(
      'provided IP is already allocated',
    );
    const external = store.update((spec) => {
      spec.type = 'ExternalName';
      spec.externalName = 'db.example.com';
    });
    expect(external).not.toHaveProperty('clusterIP');
    expect(external).not.toHaveProperty('ipFamilies');
    expect(external).not.toHaveProperty('internalTrafficPolicy');
    expect(store.create({ ports, clusterIP: '10.96.0.10' }).clusterIPs).toEqual(['10.96.0.10']);
  });
});

describe('node ports', () => {
  it('are refused when another service has them', () => {
    const store = new Store();
    store.create({ type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] });
    expect(refusal(() => store.create({ type: 'NodePort', ports: [{ port: 81, nodePort: 31234 }] }))).toBe(
      'Service "s1" is invalid: spec.ports[0].nodePort: Invalid value: 31234: provided port is already allocated',
    );
  });

  it('stay with their service', () => {
    const store = new Store();
    const { ports: given } = store.create({ type: 'NodePort', ports });
    const after = store.update((spec) => {
      spec.ports = [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ];
    });
    expect(after.ports?.[0]?.nodePort).toBe(given?.[0]?.nodePort);
    expect(after.ports?.[1]?.nodePort).toBe(30001);
  });

  it('end when there are no more', () => {
    const store = new Store('10.96.0.0/16', [30000, 30001]);
    store.create({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    });
    expect(refusal(() => store.create({ type: 'NodePort', ports }))).toContain('range is full');
  });

  it('are not given when the load balancer does not want them', () => {
    const spec = new Store().create({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports });
    expect(spec.ports?.[0]).not.toHaveProperty('nodePort');
  });

  it('come with one for health checks under the local policy, and it goes with it', () => {
    const store = new Store();
    const spec = store.create({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports });
    expect(spec.healthCheckNodePort).toBe(30001);
    const after = store.update((changed) => {
      changed.externalTrafficPolicy = 'Cluster';
    });
    expect(after).not.toHaveProperty('healthCheckNodePort');
  });

  it('are one for TCP and UDP of the same port', () => {
    const spec = new Store().create({
      type: 'NodePort',
      ports: [
        { name: 'u', port: 53, protocol: 'UDP', nodePort: 31653 },
        { name: 't', port: 53, protocol: 'TCP' },
      ],
    });
    expect(spec.ports?.[1]?.nodePort).toBe(31653);
  });
});
