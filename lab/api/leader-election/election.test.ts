import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../client/fake.ts';
import { LEASES, ManualClock } from '../client/index.ts';
import { LeaderElection } from './election.ts';

function candidate(api: FakeApi, clock: ManualClock, identity: string, told: string[]) {
  const errors: unknown[] = [];
  const election = new LeaderElection({
    client: api,
    clock,
    identity,
    namespace: 'kube-system',
    name: 'vip-manager',
    leaseSeconds: 5,
    renewDeadlineMs: 3_000,
    retryMs: 1_000,
    onLead: async () => void told.push(`${identity} leads`),
    onLost: async () => void told.push(`${identity} lost`),
    onError: (error) => errors.push(error),
  });
  return { election, errors };
}

async function pass(clock: ManualClock, seconds: number) {
  for (let n = 0; n < seconds * 10; n++) {
    clock.advance(100);
    for (let k = 0; k < 6; k++) await turn();
  }
}

describe('leader election', () => {
  it('one leads; after a clean stop the next at once', async () => {
    const clock = new ManualClock();
    const api = new FakeApi(clock);
    const told: string[] = [];
    const a = candidate(api, clock, 'a', told);
    const b = candidate(api, clock, 'b', told);
    a.election.start();
    await pass(clock, 1);
    b.election.start();
    await pass(clock, 10);
    expect(told).toEqual(['a leads']);
    await a.election.stop();
    await pass(clock, 2);
    expect(told).toEqual(['a leads', 'a lost', 'b leads']);
    await b.election.stop();
  });

  it('one that cannot renew stops before another may lead', async () => {
    const clock = new ManualClock();
    const api = new FakeApi(clock);
    const told: string[] = [];
    const a = candidate(api, clock, 'a', told);
    a.election.start();
    await pass(clock, 2);
    for (let n = 0; n < 4; n++) api.failNext('get', LEASES, new Error('no server'));
    await pass(clock, 4);
    expect(told).toEqual(['a leads', 'a lost']);
    await pass(clock, 3);
    expect(told).toEqual(['a leads', 'a lost', 'a leads']);
    expect(a.errors).toHaveLength(4);
    await a.election.stop();
  });

  it('a dead leader is followed after its lease, not earlier', async () => {
    const clock = new ManualClock();
    const api = new FakeApi(clock);
    const told: string[] = [];
    await api.load(LEASES, {
      metadata: { name: 'vip-manager', namespace: 'kube-system' },
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 5, renewTime: '2020-01-01T00:00:00.000000Z' },
    } as never);
    const b = candidate(api, clock, 'b', told);
    b.election.start();
    await pass(clock, 4);
    expect(told).toEqual([]);
    await pass(clock, 3);
    expect(told).toEqual(['b leads']);
    await b.election.stop();
  });
});
