import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../../../api/client/index.ts';
import { DatastoreError, UnavailableError } from '../datastore/index.ts';
import { IpamError } from '../ipam/index.ts';
import { isUnreachable, untilReachable } from './reachable.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.110.108:6443'), { code: 'ECONNREFUSED' });

it('tells an API that does not answer from one that refuses', () => {
  expect(isUnreachable(refused)).toBe(true);
  expect(isUnreachable(new Error('no answer within 30 s'))).toBe(true);
  expect(isUnreachable(new UnavailableError('cannot read', refused))).toBe(true);
  expect(isUnreachable(new ApiError({ code: 503 }))).toBe(true);
  expect(isUnreachable(new ApiError({ code: 403 }))).toBe(false);
  expect(isUnreachable(new DatastoreError('cannot read'))).toBe(false);
  expect(isUnreachable(new IpamError('exhausted', 'no free address'))).toBe(false);
  expect(isUnreachable(new TypeError('x is undefined'))).toBe(false);
});

it('does not give up on an API that is away, and tells of each failure', async () => {
  const action = vi.fn(async () => 'done');
  for (let i = 0; i < 20; i++) action.mockRejectedValueOnce(refused);
  const told = vi.fn(async () => {});
  const result = untilReachable(action, told);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await result).toBe('done');
  expect(told).toHaveBeenCalledTimes(20);
});

it('passes on what an API that is there says', async () => {
  const refusal = new ApiError({ code: 403, message: 'no' });
  await expect(
    untilReachable(
      () => Promise.reject(refusal),
      async () => {},
    ),
  ).rejects.toBe(refusal);
});
