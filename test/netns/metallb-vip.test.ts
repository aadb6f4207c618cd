import { expect, it, vi } from 'vitest';
import { inside, makeSegment, nodeAt, Router, startVip, usePrograms, VIP } from './metallb-harness.ts';

usePrograms();

it('the virtual API address moves with its leader: it is on the interface, announced, and gone again', async () => {
  const nodes = [nodeAt(0), nodeAt(1)] as const;
  makeSegment(nodes);
  const router = new Router();
  const [first, second] = [await startVip(nodes[0]), await startVip(nodes[1])];
  const addresses = (index: 0 | 1) => inside(nodes[index].netns, 'ip', '-o', '-4', 'address');

  await first.say('add');
  expect(addresses(0)).toContain(`${VIP}/32`);
  await first.say('add');
  await router.answeredBy(nodes[0], 0);
  await first.say('remove');
  expect(addresses(0)).not.toContain(VIP);
  await first.say('remove');

  await second.say('add');
  await router.answeredBy(nodes[1], 0);
  const announced = () => router.announcements.filter(({ mac }) => mac === nodes[1].mac);
  await vi.waitUntil(() => announced().length >= 2, { timeout: 10_000, interval: 20 });
  expect(
    announced()
      .slice(0, 2)
      .map(({ op }) => op),
  ).toEqual(['1', '2']);
  router.expectOneOwner();
  expect(router.changes).toEqual([nodes[0].mac, nodes[1].mac]);
});
