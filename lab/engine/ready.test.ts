import { expect, it } from 'vitest';
import { printedSince } from './ready.ts';

const NEVER = '0001-01-01T00:00:00Z';

it('reads all of the log at the first start, and what comes after the last end at the next', () => {
  const StartedAt = '2026-11-20T10:00:00.5Z';
  expect(printedSince({ Running: true, StartedAt, FinishedAt: NEVER })).toBe(0);
  const FinishedAt = '2026-11-20T09:00:00Z';
  expect(printedSince({ Running: true, StartedAt, FinishedAt })).toBe(Date.parse(FinishedAt) / 1000);
});

it('still has the lines of a container that ended before anybody looked', () => {
  const StartedAt = '2026-11-20T10:00:00.5Z';
  const state = { Running: false, StartedAt, FinishedAt: '2026-11-20T10:00:00.7Z' };
  expect(printedSince(state)).toBe(Date.parse('2026-11-20T09:59:59.5Z') / 1000);
});
