import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BackOff } from './back-off.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('waits twice as long each time, up to the bound, and starts over after a success', () => {
  const due: number[] = [];
  let succeeds = false;
  const began = Date.now();
  const backOff = new BackOff(100, 1000, () => {
    due.push(Date.now() - began);
    if (succeeds) backOff.succeeded();
    else backOff.failed();
  });
  backOff.failed();
  vi.advanceTimersByTime(3500);
  expect(due).toEqual([100, 300, 700, 1500, 2500, 3500]);
  expect(backOff.failures).toBe(7);
  succeeds = true;
  vi.advanceTimersByTime(10_000);
  expect(due).toHaveLength(7);
  expect(backOff.failures).toBe(0);
});

it('has one call due at most, and counts one failure for each pause', () => {
  const action = vi.fn();
  const backOff = new BackOff(100, 1000, action);
  for (let i = 0; i < 3; i++) backOff.failed();
  expect(backOff.failures).toBe(1);
  vi.advanceTimersByTime(5000);
  expect(action).toHaveBeenCalledOnce();
});
