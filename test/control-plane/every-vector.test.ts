import { expect, it } from 'vitest';
import { CHANGING_LEFT_OUT, KUBECTL_LEFT_OUT, LEFT_OUT, type LeftOut, OTHERS_LEFT_OUT } from './left-out.ts';
import { isChanging, isReading } from './support/kubectl-groups.ts';
import { type Vector, vectors } from './support/vectors.ts';

/** Where a recorded exchange is replayed: each has its list of those that are not. */
const PLACES: Readonly<
  Record<string, { readonly has: (vector: Vector) => boolean; readonly leftOut: readonly LeftOut[] }>
> = {
  'replay.test.ts': { has: ({ first }) => first.startsWith('HTTP '), leftOut: LEFT_OUT },
  'kubectl.test.ts': { has: isReading, leftOut: KUBECTL_LEFT_OUT },
  'kubectl-verbs.test.ts': { has: isChanging, leftOut: CHANGING_LEFT_OUT },
};
const isIn = (list: readonly LeftOut[], { name }: Vector): boolean =>
  list.some(({ names }) => names.test(name));

it('every recorded exchange is replayed or listed with a reason', () => {
  const all = vectors();
  expect(all).toHaveLength(874);
  const nowhere = all.filter((vector) => !Object.values(PLACES).some(({ has }) => has(vector)));
  expect(nowhere.filter((vector) => !isIn(OTHERS_LEFT_OUT, vector)).map(({ name }) => name)).toEqual([]);
});

it('no reason is given for what is replayed, or for what is not there', () => {
  const all = vectors();
  const lists = [
    ...Object.values(PLACES).map(({ has, leftOut }) => ({ of: all.filter(has), leftOut })),
    {
      of: all.filter((vector) => !Object.values(PLACES).some(({ has }) => has(vector))),
      leftOut: OTHERS_LEFT_OUT,
    },
  ];
  for (const { of, leftOut } of lists)
    for (const { names } of leftOut)
      expect(
        of.some(({ name }) => names.test(name)),
        String(names),
      ).toBe(true);
});

it('most are replayed', () => {
  const counts = Object.fromEntries(
    Object.entries(PLACES).map(([file, { has, leftOut }]) => [
      file,
      vectors().filter((vector) => has(vector) && !isIn(leftOut, vector)).length,
    ]),
  );
  expect(counts['replay.test.ts']).toBeGreaterThan(340);
  expect(counts['kubectl.test.ts']).toBeGreaterThan(190);
  expect(counts['kubectl-verbs.test.ts']).toBeGreaterThan(95);
});
