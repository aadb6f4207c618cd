import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  eventRecorder,
  IP_ADDRESS_POOLS,
  SECRETS,
  SERVICES,
} from '../../../api/client/index.ts';
import type { ApiObject, Event } from '../../../api/objects/index.ts';
import { silentGoKitLog } from '../log.ts';
import type { Release } from '../release.ts';
import { ingressAddresses, type LoadBalancerService } from '../service.ts';
import { Controller } from './controller.ts';

const POOLS = [
  {
    metadata: { name: 'reserved-pool', namespace: 'iks' },
    spec: { addresses: ['10.1.110.104/32'], autoAssign: false },
  },
  {
    metadata: { name: 'auto-assign-pool', namespace: 'iks' },
    spec: { addresses: ['10.1.110.105-10.1.110.106'] },
  },
] as unknown as ApiObject[];

interface Wanted {
  readonly annotations?: Record<string, string>;
  readonly spec?: Partial<LoadBalancerService['spec']>;
  readonly ip?: string;
}
const service = (name: string, { annotations = {}, spec = {}, ip }: Wanted = {}): LoadBalancerService => ({
  metadata: { name, namespace: 'default', annotations },
  spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80 }], ...spec },
  ...(ip ? { status: { loadBalancer: { ingress: [{ ip }] } } } : {}),
});

let controller: Controller | undefined;
afterEach(() => controller?.stop());

async function world(services: LoadBalancerService[], release: Release = '0.10', pools = POOLS) {
  const api = new FakeApi();
  await api.load(IP_ADDRESS_POOLS, ...pools);
  await api.load(SERVICES, ...services);
  const events = eventRecorder(api, { component: 'metallb-controller' });
  controller = new Controller({ client: api, events, log: silentGoKitLog, release });
  await controller.start();
  const settle = async () => {
    for (let n = 0; n < 60; n++) {
      await turn();
      await controller?.idle();
    }
    await events.flush();
  };
  await settle();
  const ip = async (name: string) => {
    await settle();
    return ingressAddresses(await api.get<LoadBalancerService>(SERVICES, name, 'default'))[0];
  };
  const told = async () => {
    await settle();
    return (await api.list<Event>(EVENTS)).items.map(({ reason, message }) => `${reason}: ${message}`);
  };
  const change = async (name: string, patch: unknown) => {
    await api.patch(SERVICES, name, 'default', patch);
    await settle();
  };
  return { api, ip, told, change, settle };
}

describe('controller', () => {
  it('gives the first address of the automatic pools, and says so', async () => {
    const { ip, told } = await world([service('frontend')]);
    expect(await ip('frontend')).toBe('10.1.110.105');
    expect(await told()).toEqual(['IPAllocated: Assigned IP "10.1.110.105"']);
  });

  it('today as a list, with the pool as annotation', async () => {
    const { api, told } = await world([service('frontend')], '0.13');
    expect(await told()).toEqual(['IPAllocated: Assigned IP ["10.1.110.105"]']);
    expect((await api.get<ApiObject>(SERVICES, 'frontend', 'default')).metadata.annotations).toEqual({
      'metallb.universe.tf/ip-allocated-from-pool': 'auto-assign-pool',
    });
  });

  it.each<[string, Wanted]>([
    ['spec.loadBalancerIP', { spec: { loadBalancerIP: '10.1.110.104' } }],
    ['the annotation', { annotations: { 'metallb.universe.tf/loadBalancerIPs': '10.1.110.104' } }],
    ['the new annotation', { annotations: { 'metallb.io/loadBalancerIPs': '10.1.110.104' } }],
    ['its pool', { annotations: { 'metallb.universe.tf/address-pool': 'reserved-pool' } }],
  ])('gives the reserved address to who asks for it by %s', async (_, wanted) => {
    const { ip } = await world([service('frontend', wanted)]);
    expect(await ip('frontend')).toBe('10.1.110.104');
  });

  it('an empty pool leaves a service pending, with the event, until an address is given back', async () => {
    const { ip, told, api } = await world([service('a'), service('b'), service('c')]);
    const waiting = (await Promise.all(['a', 'b', 'c'].map(ip))).indexOf(undefined);
    const name = ['a', 'b', 'c'][waiting] ?? '';
    expect((await told()).filter((text) => text.startsWith('AllocationFailed'))).toEqual([
      `AllocationFailed: Failed to allocate IP for "default/${name}": no available IPs`,
    ]);
    await api.delete(SERVICES, name === 'a' ? 'b' : 'a', 'default');
    expect(await ip(name)).toMatch(/10\.1\.110\.10[56]/);
  });

  it('a type change and a deletion give the address back', async () => {
    const { ip, change } = await world([service('a')]);
    await change('a', { spec: { type: 'ClusterIP' } });
    expect(await ip('a')).toBeUndefined();
    await change('a', { spec: { type: 'LoadBalancer' } });
    expect(await ip('a')).toBe('10.1.110.105');
  });

  it('after a restart everybody keeps what they had, whoever comes first', async () => {
    const { ip } = await world([
      service('a'),
      service('b', { ip: '10.1.110.105' }),
      service('c', { ip: '10.1.110.106' }),
    ]);
    expect([await ip('a'), await ip('b'), await ip('c')]).toEqual([
      undefined,
      '10.1.110.105',
      '10.1.110.106',
    ]);
  });

  it('an address that is in no pool is replaced', async () => {
    const { ip, api, settle } = await world([service('a', { ip: '10.9.9.9' })]);
    expect(await ip('a')).toBe('10.1.110.105');
    await api.patch(IP_ADDRESS_POOLS, 'auto-assign-pool', 'iks', { spec: { addresses: ['10.7.0.0/32'] } });
    await settle();
    expect(await ip('a')).toBe('10.7.0.0');
    await api.delete(IP_ADDRESS_POOLS, 'auto-assign-pool', 'iks');
    expect(await ip('a')).toBeUndefined();
  });

  it('two that want one address share it only with one key', async () => {
    const shared = (port: number, key: string) => ({
      annotations: { 'metallb.universe.tf/allow-shared-ip': key },
      spec: { loadBalancerIP: '10.1.110.104', ports: [{ port }] },
    });
    const { ip, change } = await world([
      service('a', shared(80, 'k')),
      service('b', shared(443, 'k')),
      service('c', shared(53, 'x')),
    ]);
    expect([await ip('a'), await ip('b'), await ip('c')]).toEqual([
      '10.1.110.104',
      '10.1.110.104',
      undefined,
    ]);
    await change('c', { metadata: { annotations: { 'metallb.universe.tf/allow-shared-ip': 'k' } } });
    expect(await ip('c')).toBe('10.1.110.104');
  });

  it('leaves services of another class alone', async () => {
    const { ip } = await world([service('a', { spec: { loadBalancerClass: 'other' }, ip: '10.9.9.9' })]);
    expect(await ip('a')).toBe('10.9.9.9');
  });

  it('a broken configuration does not take addresses away', async () => {
    const config = 'address-pools:\n- {name: p, protocol: layer2, addresses: [10.3.0.1/32]}\n';
    const map = { metadata: { name: 'essential-metallb', namespace: 'iks' }, data: { config } };
    const { ip, api, settle } = await world([service('a')], '0.10', []);
    await api.load(CONFIG_MAPS, map);
    expect(await ip('a')).toBe('10.3.0.1');
    await api.patch(CONFIG_MAPS, 'essential-metallb', 'iks', { data: { config: 'address-pools: [' } });
    await settle();
    expect(await ip('a')).toBe('10.3.0.1');
  });

  it('makes the speakers a secret, once', async () => {
    const { api } = await world([]);
    const read = () =>
      api.get<ApiObject & { data: { secretkey: string } }>(SECRETS, 'essential-metallb-memberlist', 'iks');
    const { data } = await read();
    expect(Buffer.from(data.secretkey, 'base64').length).toBeGreaterThan(64);
  });

  it("a conflict with somebody else's write is tried again", async () => {
    const { api, ip } = await world([]);
    api.failNext('updateStatus', SERVICES, new Error('conflict'));
    await api.load(SERVICES, service('a'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await ip('a')).toBe('10.1.110.105');
  });
});
