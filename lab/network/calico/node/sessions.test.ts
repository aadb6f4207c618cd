import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BgpSession } from '../../../api/calico-status.ts';
import { followSessions } from './sessions.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const session: BgpSession = { name: 'Mesh_a', peer: 'a', state: 'up', since: 'now', info: 'Established' };

function bird(expected = true) {
  const events = {
    ask: vi.fn(async (): Promise<readonly BgpSession[]> => [session]),
    onAnswer: vi.fn(async () => {}),
    onSilence: vi.fn(async () => {}),
    onError: vi.fn(),
  };
  return { ...events, read: followSessions(expected, events) };
}

it('asks again until BIRD answers, without a new event and without an empty answer', async () => {
  const { ask, onAnswer, onSilence, read } = bird();
  ask.mockResolvedValueOnce([]).mockRejectedValueOnce(new Error('no socket'));
  read();
  await vi.advanceTimersByTimeAsync(99);
  expect(onAnswer).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(onAnswer.mock.calls).toEqual([[[session]]]);
  expect(ask).toHaveBeenCalledTimes(3);
  expect(onSilence).not.toHaveBeenCalled();
});

it('says once that BIRD is silent, and goes on asking', async () => {
  const { ask, onAnswer, onSilence, read } = bird();
  ask.mockResolvedValue([]);
  read();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(onSilence).toHaveBeenCalledOnce();
  expect(onAnswer).not.toHaveBeenCalled();
  ask.mockResolvedValue([session]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(onAnswer).toHaveBeenCalledOnce();
});

it('takes no sessions for an answer where there are no peers', async () => {
  const { ask, onAnswer, read } = bird(false);
  ask.mockResolvedValue([]);
  read();
  await vi.advanceTimersByTimeAsync(0);
  expect(onAnswer).toHaveBeenCalledWith([]);
});
