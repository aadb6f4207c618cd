import { describe, expect, it } from 'vitest';
import type { Event } from '../objects/index.ts';
import { ManualClock } from './clock.ts';
import { eventRecorder } from './event-recorder.ts';
import { FakeApi } from './fake.ts';
import { EVENTS } from './resources.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'a', uid: 'u', resourceVersion: '5' },
};

function record() {
  const clock = new ManualClock();
  const api = new FakeApi(clock);
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const events = eventRecorder(api, { component: 'kubelet', host: 'worker1', clock, onError });
  const list = async () => {
    await events.flush();
    return (await api.list<Event>(EVENTS)).items;
  };
  return { clock, api, events, list, errors };
}

describe('event recorder', () => {
  it('counts repeated events on the first one', async () => {
    const { clock, events, list } = record();
    for (let n = 0; n < 3; n++) {
      events.event(pod, 'Warning', 'BackOff', 'Back-off restarting failed container');
      clock.advance(10_000);
    }
    const all = await list();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      count: 3,
      firstTimestamp: '2026-11-20T00:00:00Z',
      lastTimestamp: '2026-11-20T00:00:20Z',
      involvedObject: {
        kind: 'Pod',
        namespace: 'a',
        name: 'p',
        uid: 'u',
        apiVersion: 'v1',
        resourceVersion: '5',
      },
      source: { component: 'kubelet', host: 'worker1' },
      type: 'Warning',
    });
  });

  it('joins many different texts of one kind', async () => {
    const { events, list } = record();
    for (let n = 1; n <= 12; n++) events.event(pod, 'Normal', 'Pulled', `text ${n}`);
    const all = await list();
    expect(all).toHaveLength(10);
    expect(all.at(-1)).toMatchObject({ count: 3, message: '(combined from similar events): text 12' });
  });

  it('begins anew when the event has been deleted, and survives a refusal', async () => {
    const { api, events, list, errors } = record();
    events.event(pod, 'Normal', 'Pulled', 'text');
    const [first] = await list();
    await api.delete(EVENTS, first?.metadata.name ?? '', 'a');
    events.event(pod, 'Normal', 'Pulled', 'text');
    expect((await list()).map(({ count }) => count)).toEqual([2]);
    api.failNext('create', EVENTS, new Error('refused'));
    events.event(pod, 'Normal', 'Other', 'lost');
    events.event(pod, 'Normal', 'Another', 'kept');
    expect((await list()).map(({ reason }) => reason)).toEqual(['Pulled', 'Another']);
    expect(errors).toHaveLength(1);
  });

  it('events about objects outside namespaces go to default', async () => {
    const { events, list } = record();
    events.event({ kind: 'Node', metadata: { name: 'worker1' } }, 'Normal', 'NodeReady', 'ready');
    expect((await list())[0]?.metadata.namespace).toBe('default');
  });
});
