import { expect, test } from 'vitest';
import { findRefused } from './refused.ts';

/** A judge to whom `bad` items are unacceptable, alone or in the given pairs. */
function judge(bad: readonly number[], pairs: readonly (readonly [number, number])[] = []) {
  let asked = 0;
  return {
    asked: () => asked,
    complaintAbout: async (part: readonly number[]) => {
      asked++;
      const found =
        part.find((one) => bad.includes(one)) ??
        pairs.find(([a, b]) => part.includes(a) && part.includes(b))?.join('+');
      return found === undefined ? undefined : `bad ${found}`;
    },
  };
}
const items = Array.from({ length: 100 }, (_, index) => index);

test('nothing refused: one question', async () => {
  const { asked, complaintAbout } = judge([]);
  expect(await findRefused(items, complaintAbout)).toEqual(new Map());
  expect(asked()).toBe(1);
});

test.each([[[0]], [[99]], [[42]], [[3, 50, 97]]])('finds %j, with the complaint about each', async (bad) => {
  const { asked, complaintAbout } = judge(bad);
  const found = await findRefused(items, complaintAbout);
  expect([...found].sort(([a], [b]) => a - b)).toEqual(bad.map((one) => [one, `bad ${one}`]));
  expect(asked()).toBeLessThan(bad.length * 9 + 2);
});

test('of two that are refused together the later goes', async () => {
  expect([...(await findRefused(items, judge([], [[10, 20]]).complaintAbout))]).toEqual([[20, 'bad 10+20']]);
});

test('when nothing is to blame', async () => {
  await expect(findRefused([1, 2], async () => 'no such module')).rejects.toThrow('no such module');
  await expect(findRefused([], async () => 'no such module')).rejects.toThrow('no such module');
});
