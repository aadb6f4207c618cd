import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { electionOrder } from '../../lab/network/metallb/speaker/election.ts';
import {
  clusterObjects,
  ended,
  inside,
  makeSegment,
  monotonic,
  nodeAt,
  Router,
  SpeakerProcess,
  setPort,
  slice,
  type TestNode,
  usePrograms,
  VIP,
} from './metallb-harness.ts';

usePrograms();

const inOrder = (nodes: readonly TestNode[]) =>
  [...nodes].sort((a, b) => electionOrder('default/frontend', a.name, b.name));

async function lab(size: number) {
  const nodes = [0, 1, 2, 3].slice(0, size).map(nodeAt);
  makeSegment(nodes);
  const router = new Router();
  const objects = clusterObjects(nodes);
  const speakers = new Map(nodes.map((node) => [node.name, new SpeakerProcess(node, objects)]));
  const order = inOrder(nodes);
  const speakerOf = (node: TestNode | undefined) => speakers.get(node?.name ?? '') as SpeakerProcess;
  const [first = nodes[0] as TestNode] = order;
  // The first of those that are up answers; then the first of all.
  await Promise.all([...speakers.values()].map((speaker) => speaker.settled()));
  await vi.waitUntil(() => router.answers.at(-1)?.mac === first.mac, { timeout: 10_000, interval: 20 });
  router.expectOneOwner();
  router.forget();
  return { nodes, router, objects, speakers, order, first, speakerOf };
}

describe('one address', () => {
  it('moves twenty times between three nodes, and no request is ever answered by two', async () => {
    const { router, speakers, order } = await lab(3);
    const expected = [order[0]?.mac];
    const gaps: number[] = [];
    let seed = 7;
    for (let move = 1; move <= 20; move++) {
      const target = order[move % 3] as TestNode;
      const since = monotonic();
      // The news reaches the speakers one after the other, in changing order.
      for (const index of [0, 1, 2].map((n) => (n + move) % 3)) {
        speakers.get(order[index]?.name ?? '')?.put('endpointslices', slice([target]));
        seed = (seed * 48271) % 2147483647;
        await delay(seed % 40);
      }
      const at = await router.answeredBy(target, since);
      const last = router.answers.filter((answer) => answer.at < at && answer.mac !== target.mac).at(-1);
      gaps.push(at - (last?.at ?? at));
      expected.push(target.mac);
    }
    await delay(300);
    router.expectOneOwner();
    expect(router.changes).toEqual(expected);
    expect(Math.max(...gaps)).toBeLessThan(2_000);
    console.log(
      `20 moves: longest time without an answer ${Math.max(...gaps)} ms, ${router.answers.length} answers`,
    );
  });

  it('is answered as Figure 61 logs it, and announced five times', async () => {
    const { router, first, speakerOf } = await lab(3);
    const since = router.answers[0]?.at ?? 0;
    const announcements = () => router.announcements.filter(({ mac }) => mac === first.mac);
    await vi.waitUntil(() => monotonic() > since + 5_000 && announcements().length >= 10, {
      timeout: 20_000,
      interval: 100,
    });
    const entries = speakerOf(first).log;
    const request = entries.find(({ msg }) => msg === 'got ARP request for service IP, sending response');
    expect(Object.keys(request ?? {})).toEqual([
      'caller',
      'interface',
      'ip',
      'msg',
      'responseMAC',
      'senderIP',
      'senderMAC',
      'ts',
    ]);
    expect(request).toMatchObject({
      caller: 'arp.go:102',
      interface: 'ens192',
      ip: VIP,
      responseMAC: first.mac,
      senderMAC: '00:22:bd:f8:19:ff',
    });
    expect(entries.some(({ event }) => event === 'serviceAnnounced')).toBe(true);
    expect(
      announcements()
        .map(({ op }) => op)
        .join(''),
    ).toBe('1212121212');
    // The address is on no interface: the kernel knows nothing of it.
    expect(inside(first.netns, 'ip', '-4', 'address')).not.toContain(VIP);
  });
});

describe.each([2, 3, 4])('%i nodes', (size) => {
  it('a node that dies is replaced within 3 s', async () => {
    const { router, order, first, speakerOf } = await lab(size);
    const since = monotonic();
    setPort(first, 'down');
    speakerOf(first).child.kill('SIGKILL');
    const at = await router.answeredBy(order[1] as TestNode, since);
    console.log(`${size} nodes: ${at - since} ms after the kill`);
    expect(at - since).toBeLessThan(6_000);
    router.expectOneOwner();
    expect(router.changes).toHaveLength(2);
  });

  it('a speaker that is stopped is replaced within 1 s, and has its address back after its restart', async () => {
    const { router, order, first, objects, speakerOf } = await lab(size);
    const since = monotonic();
    const { child } = speakerOf(first);
    child.kill('SIGTERM');
    const at = await router.answeredBy(order[1] as TestNode, since);
    console.log(`${size} nodes: ${at - since} ms after the stop`);
    expect(at - since).toBeLessThan(2_000);
    await ended(child);
    expect(child.exitCode).toBe(0);
    const again = monotonic();
    new SpeakerProcess(first, objects);
    await router.answeredBy(first, again);
    router.expectOneOwner();
    expect(router.changes).toEqual([first.mac, order[1]?.mac, first.mac]);
  });
});

it('a cut between the speakers that the router does not notice leaves one owner', async () => {
  const { nodes, router, order, first } = await lab(3);
  const since = monotonic();
  // Only the speakers' own traffic is lost: to the router every node looks alive.
  inside(first.netns, 'ip', 'route', 'add', 'blackhole', '10.1.110.0/29');
  for (const { netns } of nodes)
    if (netns !== first.netns) inside(netns, 'ip', 'route', 'add', 'blackhole', `${first.address}/32`);
  await router.answeredBy(order[1] as TestNode, since);
  await delay(3_000);
  router.expectOneOwner();
  expect(router.changes).toEqual([first.mac, order[1]?.mac]);
});

it('the link goes down and up again', async () => {
  const { router, order, first } = await lab(3);
  const since = monotonic();
  setPort(first, 'down');
  await router.answeredBy(order[1] as TestNode, since);
  const again = monotonic();
  setPort(first, 'up');
  await router.answeredBy(first, again);
  router.expectOneOwner();
  expect(router.changes).toEqual([first.mac, order[1]?.mac, first.mac]);
});

it('a single node answers', async () => {
  const { router, first } = await lab(1);
  await delay(1_500);
  router.expectOneOwner();
  expect(router.changes).toEqual([first.mac]);
});
