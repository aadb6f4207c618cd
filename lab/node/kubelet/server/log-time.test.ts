import { expect, it } from 'vitest';
import { logTime } from './log-time.ts';

it('prints times as the kubelet does: nine decimals, Z for UTC', () => {
  expect(logTime('2026-11-20T11:00:00.123456789+00:00')).toBe('2026-11-20T11:00:00.123456789Z');
  expect(logTime('2026-11-20T11:00:00.1Z')).toBe('2026-11-20T11:00:00.100000000Z');
  expect(logTime('2026-11-20T11:00:00+00:00')).toBe('2026-11-20T11:00:00.000000000Z');
  expect(logTime('2026-11-20T13:00:00.5+02:00')).toBe('2026-11-20T13:00:00.500000000+02:00');
  expect(logTime('yesterday')).toBe('yesterday');
});
