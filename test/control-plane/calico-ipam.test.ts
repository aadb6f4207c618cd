import { type ChildProcess, fork } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpsClient } from '../../lab/api/client/index.ts';
import { KINDS } from '../../lab/control-plane/kinds/index.ts';
import { ApiDatastore, type Datastore } from '../../lab/network/calico/datastore/index.ts';
import { IPAM_RESOURCES, Ipam, type IpamKinds, storeProblems } from '../../lab/network/calico/ipam/index.ts';
import { selfSigned } from './support/certificate.ts';
import { ADMIN_TOKEN } from './support/client.ts';
import { startTestServer, type TestServer } from './support/server.ts';

/*
 * Calico's IPAM in the API, used by several processes at once as by the CNI plugins of several nodes: what holds for one
 * process (lab/network/calico/ipam/random.test.ts) holds for all of them together.
 */
const WORKER = new URL('./support/ipam-worker.ts', import.meta.url).pathname;
const POOL = {
  cidr: '10.0.0.0/27',
  blockSize: 29,
  strictAffinity: false,
  pinnedBlocks: { c: '10.0.0.8/29' },
  maxBlocksPerHost: 2,
};

let server: TestServer;
let store: Datastore<IpamKinds>;
let access: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  const identity = selfSigned();
  server = await startTestServer({ kinds: KINDS, ...identity });
  const options = { server: server.api.url, token: ADMIN_TOKEN, ca: identity.cert };
  access = JSON.stringify(options);
  store = new ApiDatastore(httpsClient(options), IPAM_RESOURCES);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server.close();
});

interface Message {
  readonly took?: string;
  readonly gives?: string;
  readonly handle?: string;
}

function start(
  node: string,
  name: string,
  rounds: number,
  keep: number,
  onMessage: (message: Message) => void,
) {
  const args = [access, JSON.stringify(POOL), node, name, String(rounds), String(keep)];
  const child = fork(WORKER, args, { execArgv: ['--import', 'tsx'] });
  children.push(child);
  child.on('message', onMessage);
  return { child, ended: new Promise<number | null>((resolve) => child.on('close', resolve)) };
}

describe('several processes', { timeout: 60_000 }, () => {
  it('give no address twice and leave blocks and handles in agreement', async () => {
    const held = new Set<string>();
    const twice: string[] = [];
    const workers = ['a', 'a', 'b', 'c'].map((node, i) =>
      start(node, `p${i}`, 40, 5, ({ took, gives }) => {
        if (gives !== undefined) held.delete(gives);
        if (took === undefined) return;
        if (held.has(took)) twice.push(took);
        held.add(took);
      }),
    );
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    expect(twice).toEqual([]);
    expect(held.size).toBe(4 * 5);
    expect(await storeProblems(store)).toEqual([]);
    const used = (await new Ipam(store, POOL).listBlocks()).flatMap((b) => b.addresses.map((a) => a.address));
    expect(used.sort()).toEqual([...held].sort());
    expect(server.problems).toEqual([]);
  });

  it('lose nothing when they are killed: what is released by handle afterwards is all there is', async () => {
    const ipam = new Ipam(store, POOL);
    for (let round = 0; round < 5; round++) {
      let seen = 0;
      const { child, ended } = start('a', `k${round}`, 1000, 5, () => {
        if (++seen === 7 + round * 5) child.kill('SIGKILL');
      });
      expect(await ended).toBeNull();
      // What the kubelet does after its own restart: DEL for every container whose end it has not seen.
      for (let n = 0; n < 40; n++) await ipam.releaseByHandle(`k${round}-${n}`);
      expect(await storeProblems(store)).toEqual([]);
    }
    expect((await ipam.listBlocks()).reduce((sum, { used }) => sum + used, 0)).toBe(0);
    expect(await store.list('IPAMHandle')).toEqual([]);
  });
});

describe('the store', () => {
  it('lets one of many writers of the same state win', async () => {
    const block = { cidr: '10.0.0.0/29', allocations: [null], unallocated: [0], attributes: [] };
    const creators = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((node) =>
        store.create('IPAMBlock', '10-0-0-0-29', { ...block, affinity: `host:${node}` }),
      ),
    );
    const won = creators.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(won).toHaveLength(1);
    for (const one of creators)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ reason: 'exists' });
    const { value, revision = '' } = won[0] ?? {};
    if (!value) throw new Error('nobody won');
    const updates = await Promise.allSettled(
      [1, 2, 3, 4].map((n) =>
        store.update('IPAMBlock', '10-0-0-0-29', { ...value, unallocated: [n] }, revision),
      ),
    );
    expect(updates.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(store.delete('IPAMBlock', '10-0-0-0-29', revision)).rejects.toMatchObject({
      reason: 'changed',
    });
    // A free address is a null in a list, which a server must not drop.
    expect((await store.get('IPAMBlock', '10-0-0-0-29'))?.value.allocations).toEqual([null]);
  });
});
