import { expect, it } from 'vitest';
import { serially } from './serially.ts';

it('runs one at a time and folds requests made meanwhile into one more run', async () => {
  let active = 0;
  let runs = 0;
  const trigger = serially(
    async () => {
      expect(++active).toBe(1);
      runs++;
      await Promise.resolve();
      active--;
    },
    () => {},
  );
  for (let i = 0; i < 5; i++) trigger();
  await new Promise((resolve) => setImmediate(resolve));
  expect(runs).toBe(2);
});

it('goes on after an error', async () => {
  const errors: unknown[] = [];
  const trigger = serially(
    () => Promise.reject(new Error('no')),
    (error) => errors.push(error),
  );
  trigger();
  await new Promise((resolve) => setImmediate(resolve));
  trigger();
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toHaveLength(2);
});
