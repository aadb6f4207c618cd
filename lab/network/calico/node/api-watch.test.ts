import { expect, it, vi } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { ApiDatastore } from '../datastore/index.ts';
import { IPAM_RESOURCES, Ipam } from '../ipam/index.ts';
import { followAffinities, quietly } from './api-watch.ts';

it('writes a line once in half a minute, also between others', () => {
  const lines: string[] = [];
  let now = 0;
  const log = quietly(
    (line) => lines.push(line),
    () => now,
  );
  for (; now < 60_000; now += 1000) {
    log('cannot follow');
    log('cannot reach');
  }
  expect(lines).toEqual(['cannot follow', 'cannot reach', 'cannot follow', 'cannot reach']);
});

it("tells of every node's claims as they come, change and go", async () => {
  const api = new FakeApi();
  const pool = { cidr: '10.0.0.0/27', blockSize: 29, strictAffinity: false, pinnedBlocks: {} };
  const ipam = new Ipam(new ApiDatastore(api, IPAM_RESOURCES), pool);
  await ipam.ensureTunnelAddress('a');
  const told: string[] = [];
  const affinities = followAffinities(
    api,
    (node) => told.push(node),
    () => {},
  );
  await affinities.synced;
  expect(told).toEqual(['a']);
  await ipam.ensureTunnelAddress('b');
  // Pending, then confirmed.
  await vi.waitFor(() => expect(told).toEqual(['a', 'b', 'b']));
  await ipam.releaseRemovedNodes(['a']);
  // Marked for deletion, then gone.
  await vi.waitFor(() => expect(told).toEqual(['a', 'b', 'b', 'b', 'b']));
  affinities.stop();
});
