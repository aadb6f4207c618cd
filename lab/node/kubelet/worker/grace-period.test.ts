import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GracePeriod } from './grace-period.ts';

describe('GracePeriod', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());
  const in_ = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const waited = async (event: Promise<unknown>) => {
    await vi.runAllTimersAsync();
    await event;
    return Date.now() / 1000;
  };

  it('counts down over several waits', async () => {
    const period = new GracePeriod(30, Date.now);
    const first = period.outlasts(in_(20));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await first).toBe(true);
    expect(period.left).toBe(10);
    const second = period.outlasts(new Promise(() => {}));
    expect(await waited(second)).toBe(30);
    expect(await second).toBe(false);
    expect(period.left).toBe(0);
  });

  it('can be shortened while somebody waits, never made longer', async () => {
    const period = new GracePeriod(30, Date.now);
    const wait = period.outlasts(new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(5000);
    period.shorten(60);
    expect(period.left).toBe(25);
    period.shorten(1);
    expect(await waited(wait)).toBe(6);
  });

  it('leaves a minimum, unless all was to end at once', () => {
    const period = new GracePeriod(1, Date.now);
    period.atLeast(2);
    expect(period.left).toBe(2);
    period.shorten(0);
    period.atLeast(2);
    expect(period.left).toBe(0);
    const none = new GracePeriod(0, Date.now);
    none.atLeast(2);
    expect(none.left).toBe(0);
  });
});
