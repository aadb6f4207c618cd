import { describe, expect, it } from 'vitest';
import { type Datastore, DatastoreError, MemoryDatastore } from '../datastore/index.ts';
import { Ipam, type IpamKinds, type PoolConfig, tunnelHandle } from './index.ts';
import { storeProblems } from './store-problems.ts';

const WORKER1 = 'iks-networking-example-cl-iks-networ-7ab29bc950';
const WORKER2 = 'iks-networking-example-cl-iks-networ-ac625d72ba';

function lab(config: Partial<PoolConfig> = {}) {
  const store = new MemoryDatastore<IpamKinds>();
  const pool = { cidr: '192.168.0.0/16', blockSize: 26, strictAffinity: false, pinnedBlocks: {}, ...config };
  return { store, ipam: new Ipam(store, pool) };
}
const owner = (pod: string) => ({
  handle: `k8s-pod-network.${pod}`,
  attributes: { namespace: 'iks', pod, node: WORKER2 },
});
const small = { cidr: '10.0.0.0/28', blockSize: 30 };

describe('Ipam', () => {
  it("gives tunl0 the first address of the paper's block and pods the next", async () => {
    const { ipam, store } = lab();
    expect(await ipam.ensureTunnelAddress(WORKER2)).toBe('192.168.8.192');
    expect(await ipam.ensureTunnelAddress(WORKER2)).toBe('192.168.8.192');
    expect(await ipam.ensureTunnelAddress(WORKER1)).toBe('192.168.104.64');
    expect(await ipam.autoAssign(WORKER2, owner('ingress'))).toEqual({
      address: '192.168.8.193',
      block: '192.168.8.192/26',
    });
    expect(await ipam.blocksOfNode(WORKER2)).toEqual(['192.168.8.192/26']);
    expect(await storeProblems(store)).toEqual([]);
  });

  it('prefers the pinned block, and leaves it to its node', async () => {
    const { ipam } = lab({ pinnedBlocks: { a: '192.168.8.192/26', b: '192.168.9.0/26' } });
    expect(await ipam.ensureTunnelAddress('b')).toBe('192.168.9.0');
    expect(await ipam.ensureTunnelAddress('a')).toBe('192.168.8.192');
    // Its own first choice is pinned to another node: the next that is not.
    expect(await ipam.ensureTunnelAddress(WORKER2)).toBe('192.168.9.64');
  });

  it('moves the tunnel address when the pinned block changes', async () => {
    const { store, ipam } = lab();
    await ipam.ensureTunnelAddress(WORKER2);
    const pinnedBlocks = { [WORKER2]: '192.168.50.0/26' };
    const later = new Ipam(store, {
      cidr: '192.168.0.0/16',
      blockSize: 26,
      strictAffinity: false,
      pinnedBlocks,
    });
    expect(await later.ensureTunnelAddress(WORKER2)).toBe('192.168.50.0');
    expect(await ipam.addressesByHandle(tunnelHandle(WORKER2))).toHaveLength(1);
  });

  it('gives a reserved address to nobody who does not ask for it', async () => {
    const reservedCIDRs = ['10.0.0.1/32', '10.0.0.4/31'];
    const { ipam, store } = lab({ cidr: '10.0.0.0/29', blockSize: 29, reservedCIDRs });
    const got = [];
    for (let i = 0; i < 5; i++) got.push((await ipam.autoAssign('n', owner(`p${i}`))).address);
    expect(got).toEqual(['10.0.0.0', '10.0.0.2', '10.0.0.3', '10.0.0.6', '10.0.0.7']);
    await expect(ipam.autoAssign('n', owner('late'))).rejects.toThrow(
      "0 free in other nodes' blocks, 3 reserved",
    );
    expect((await ipam.assignIP('n', '10.0.0.4', owner('pinned'))).address).toBe('10.0.0.4');
    await ipam.releaseByHandle(owner('pinned').handle);
    await ipam.releaseByHandle(owner('p0').handle);
    expect((await ipam.autoAssign('n', owner('next'))).address).toBe('10.0.0.0');
    expect(await storeProblems(store)).toEqual([]);
  });

  it('claims a second block when the first is full', async () => {
    const { ipam } = lab(small);
    const got = [];
    for (let i = 0; i < 5; i++) got.push(await ipam.autoAssign('n', owner(`p${i}`)));
    expect(new Set(got.map(({ block }) => block)).size).toBe(2);
    expect(await ipam.blocksOfNode('n')).toHaveLength(2);
  });

  it('borrows when there is no block left, unless affinity is strict', async () => {
    const { ipam, store } = lab({ ...small, maxBlocksPerHost: 1 });
    await ipam.ensureTunnelAddress('other');
    for (let i = 0; i < 4; i++) await ipam.autoAssign('n', owner(`p${i}`));
    expect((await ipam.autoAssign('n', owner('p4'))).borrowedFrom).toBe('other');
    const strict = new Ipam(store, { ...small, strictAffinity: true, pinnedBlocks: {}, maxBlocksPerHost: 1 });
    await expect(strict.autoAssign('n', owner('p5'))).rejects.toMatchObject({ code: 'exhausted' });
    await expect(strict.autoAssign('n', owner('p5'))).rejects.toThrow(
      /no free address for node n in pool 10.0.0.0\/28: .* are full, 2 of 4 blocks of \/30 are claimed/,
    );
    expect(await storeProblems(store)).toEqual([]);
  });

  it('says when the pool is exhausted, and serves again after a release', async () => {
    const { ipam, store } = lab({ cidr: '10.0.0.0/30', blockSize: 30 });
    for (let i = 0; i < 4; i++) await ipam.autoAssign('n', owner(`p${i}`));
    await expect(ipam.autoAssign('n', owner('late'))).rejects.toMatchObject({ code: 'exhausted' });
    expect(await ipam.addressesByHandle(owner('late').handle)).toEqual([]);
    expect(await ipam.releaseByHandle(owner('p2').handle)).toEqual(['10.0.0.2']);
    expect(await ipam.releaseByHandle(owner('p2').handle)).toEqual([]);
    expect((await ipam.autoAssign('n', owner('late'))).address).toBe('10.0.0.2');
    expect(await storeProblems(store)).toEqual([]);
  });

  it('takes nothing when a write fails', async () => {
    const { store } = lab();
    let refused = 0;
    const full: Datastore<IpamKinds> = {
      get: store.get.bind(store),
      list: store.list.bind(store),
      create: store.create.bind(store),
      delete: store.delete.bind(store),
      update: (kind, key, value, revision) => {
        if (kind !== 'IPAMBlock') return store.update(kind, key, value, revision);
        refused++;
        return Promise.reject(new DatastoreError('no space left on device'));
      },
    };
    const pool = { cidr: '192.168.0.0/16', blockSize: 26, strictAffinity: false, pinnedBlocks: {} };
    await expect(new Ipam(full, pool).autoAssign('n', owner('a'))).rejects.toThrow('no space left');
    expect(refused).toBe(1);
    expect(await store.list('IPAMHandle')).toEqual([]);
    expect(await storeProblems(store)).toEqual([]);
  });

  it('assigns one particular address and refuses it clearly', async () => {
    const { ipam, store } = lab({ pinnedBlocks: { other: '192.168.50.0/26' } });
    expect((await ipam.assignIP(WORKER2, '192.168.8.193', owner('ingress'))).address).toBe('192.168.8.193');
    await expect(ipam.assignIP(WORKER2, '192.168.8.193', owner('second'))).rejects.toThrow(
      'address 192.168.8.193 is already in use by pod iks/ingress (block 192.168.8.192/26)',
    );
    await expect(ipam.assignIP(WORKER2, '172.16.0.1', owner('x'))).rejects.toThrow(
      'address 172.16.0.1 is not in the pool 192.168.0.0/16',
    );
    await expect(ipam.assignIP(WORKER2, '192.168.8', owner('x'))).rejects.toMatchObject({
      code: 'outside-pool',
    });
    expect((await ipam.assignIP(WORKER2, '192.168.50.9', owner('far'))).borrowedFrom).toBe('other');
    expect((await store.list('IPAMHandle')).map(({ key }) => key)).toEqual([
      owner('far').handle,
      owner('ingress').handle,
    ]);
    expect(await storeProblems(store)).toEqual([]);
  });

  it("keeps out of other nodes' blocks when affinity is strict", async () => {
    const { ipam } = lab({ strictAffinity: true, pinnedBlocks: { other: '192.168.50.0/26' } });
    await expect(ipam.assignIP('n', '192.168.50.9', owner('x'))).rejects.toMatchObject({
      code: 'not-affine',
    });
    await ipam.ensureTunnelAddress('other');
    await expect(ipam.assignIP('n', '192.168.50.9', owner('x'))).rejects.toThrow(/belongs to other/);
  });

  it('finishes a claim that was cut short', async () => {
    const { ipam, store } = lab();
    const cidr = '192.168.8.192/26';
    await store.create('BlockAffinity', 'n-192-168-8-192-26', { cidr, node: 'n', state: 'pending' });
    expect((await ipam.autoAssign('n', owner('a'))).block).toBe(cidr);
    expect((await store.list('BlockAffinity'))[0]?.value.state).toBe('confirmed');
  });

  it('confirms a claim that was cut short after the block was made, before it gives an address of it', async () => {
    const { ipam, store } = lab();
    const cutShort = async () => {
      const [affinity] = await store.list('BlockAffinity');
      if (!affinity) throw new Error('no affinity');
      const { key, value, revision } = affinity;
      await store.update('BlockAffinity', key, { ...value, state: 'pending' }, revision);
      expect(await ipam.blocksOfNode(WORKER2)).toEqual([]);
    };
    await ipam.autoAssign(WORKER2, owner('a'));
    for (const assign of [
      () => ipam.autoAssign(WORKER2, owner('b')),
      () => ipam.assignIP(WORKER2, '192.168.8.255', owner('c')),
      () => ipam.ensureTunnelAddress(WORKER2),
      () => ipam.ensureTunnelAddress(WORKER2),
    ]) {
      await cutShort();
      await assign();
      expect(await ipam.blocksOfNode(WORKER2)).toEqual(['192.168.8.192/26']);
    }
  });

  it('lists blocks and who has what', async () => {
    const { ipam } = lab();
    await ipam.ensureTunnelAddress(WORKER2);
    await ipam.assignIP(WORKER1, '192.168.8.200', {
      handle: 'h',
      attributes: { namespace: 'd', pod: 'p', node: WORKER1 },
    });
    expect(await ipam.listBlocks()).toMatchObject([
      {
        cidr: '192.168.8.192/26',
        node: WORKER2,
        size: 64,
        used: 2,
        addresses: [
          { address: '192.168.8.192', handle: tunnelHandle(WORKER2), borrowed: false },
          { address: '192.168.8.200', handle: 'h', borrowed: true },
        ],
      },
    ]);
  });
});
