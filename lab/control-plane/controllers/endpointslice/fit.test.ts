import { expect, it } from 'vitest';
import type { EndpointSlice, SliceEndpoint, SlicePort } from '../../../api/objects/index.ts';
import { fitIntoSlices } from './fit.ts';

const FRAME = { labels: { 'kubernetes.io/service-name': 'frontend' }, annotations: {} };
const PORTS: SlicePort[] = [{ name: '', protocol: 'TCP', port: 80 }];
/** Those of Figure 87, in its order. */
const FIGURE = ['192.168.104.115', '192.168.8.248', '192.168.8.250'];

const endpoint = (address: string, ready = true): SliceEndpoint => ({
  addresses: [address],
  conditions: { ready },
  targetRef: { kind: 'Pod', uid: `uid-of-${address}` },
});
const slice = (endpoints: SliceEndpoint[], name = 'frontend-abcde'): EndpointSlice => ({
  metadata: { name, labels: FRAME.labels, annotations: {} },
  addressType: 'IPv4',
  endpoints,
  ports: PORTS,
});
const planFor = (existing: EndpointSlice[], endpoints: SliceEndpoint[]) =>
  fitIntoSlices(existing, [{ ports: PORTS, endpoints }], FRAME, true);
const addresses = (endpoints: readonly SliceEndpoint[] | null | undefined) =>
  (endpoints ?? []).map((one) => one.addresses[0]);
const permutations = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
].map((order) => order.map((index) => FIGURE[index] ?? ''));

it.each(permutations)('a new slice has the endpoints in order: %s, %s, %s', (...found) => {
  const { create } = planFor(
    [],
    found.map((one) => endpoint(one)),
  );
  expect(create.map(({ endpoints }) => addresses(endpoints))).toEqual([FIGURE]);
});

it.each(permutations)('so has one that pods came to one after the other: %s, %s, %s', (first, ...later) => {
  let current = slice([endpoint(first ?? '')]);
  const found = [first ?? ''];
  for (const address of later) {
    found.push(address);
    const { create, update } = planFor(
      [current],
      found.map((one) => endpoint(one)),
    );
    expect([create.length, update.length]).toEqual([0, 1]);
    current = update[0] as EndpointSlice;
  }
  expect(addresses(current.endpoints)).toEqual(FIGURE);
});

it('order alone is no reason to write', () => {
  const mixed = slice([...FIGURE].reverse().map((one) => endpoint(one)));
  const plan = planFor(
    [mixed],
    FIGURE.map((one) => endpoint(one)),
  );
  expect(plan).toEqual({ create: [], update: [], delete: [] });
});

it('a slice that is written for another reason gets into order', () => {
  const mixed = slice([...FIGURE].reverse().map((one) => endpoint(one)));
  const { update } = planFor(
    [mixed],
    FIGURE.map((one) => endpoint(one, one !== FIGURE[0])),
  );
  expect(update.map(({ endpoints }) => addresses(endpoints))).toEqual([FIGURE]);
});

it('what does not fit is in order over several slices', () => {
  const many = Array.from({ length: 150 }, (_, index) => `192.168.8.${index + 100}`);
  const { create } = planFor(
    [],
    [...many].reverse().map((one) => endpoint(one)),
  );
  expect(create.map(({ endpoints }) => endpoints.length)).toEqual([100, 50]);
  expect(create.flatMap(({ endpoints }) => addresses(endpoints))).toEqual(many);
});
