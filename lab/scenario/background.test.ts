import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ScenarioSpec } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { contains, matches, not } from './match.ts';
import type { RunOptions } from './runner.ts';
import { hurried, runStory, testFolder } from './story.fixture.ts';

const folder = testFolder();
const run = (lab: FakeLab, story: ScenarioSpec['story'], more: Partial<ScenarioSpec & RunOptions> = {}) =>
  runStory(folder, lab, story, more);

describe('a capture', () => {
  const listening = (lab: FakeLab): FakeLab => {
    lab.onStream = (stream) => stream.say('listening on ens192, link-type EN10MB (Ethernet)');
    return lab;
  };

  test('is ready when it listens, and sees lines that come later', async () => {
    const lab = listening(new FakeLab());
    const result = await run(lab, async (s) => {
      const cap = await s.capture('capture', { on: 'worker1', run: 'tcpdump -n -i ens192 proto 4' });
      setImmediate(() => lab.streams[0]?.say('IP 10.1.110.102 > 10.1.110.107: IP a > b: ICMP echo request'));
      await cap.sees('outer and inner', [matches(/10\.1\.110\.107: IP a > b/), not(contains('tunl0'))]);
    });
    expect(result.status).toBe('passed');
    expect(lab.streams[0]).toMatchObject({
      command: 'tcpdump -l --immediate-mode -n -i ens192 proto 4',
      stopped: true,
    });
    expect(result.story).toMatchObject([{ kind: 'background' }, { kind: 'watch', marked: [1] }]);
  });

  test('that ends before it listens fails at once with what it said', async () => {
    const lab = new FakeLab();
    lab.onStream = (stream) => {
      stream.say('tcpdump: ens192: No such device exists');
      stream.end();
    };
    const result = await run(lab, async (s) => {
      await s.capture('capture', { on: 'worker1', run: 'tcpdump -i ens192' });
    });
    expect(result.failure?.detail).toContain('No such device exists');
    expect(result.failure?.detail).toContain('the command has ended');
  });

  test('that sees nothing is late, and its output is kept', async () => {
    const result = await run(
      listening(new FakeLab()),
      async (s) => {
        const cap = await s.capture('capture', { on: 'worker1', run: 'tcpdump -i ens192' });
        await cap.sees('a packet', contains('ICMP'), { within: 3_000 });
      },
      { clock: { now: () => 0, after: (ms, fire) => (ms === 3_000 ? hurried.after(ms, fire) : () => {}) } },
    );
    expect(result.failure?.message).toContain('time-out after 3 s: "ICMP"');
    const kept = join(result.failure?.evidence ?? '', 'background-1.txt');
    expect(await readFile(kept, 'utf8')).toContain('# worker1: tcpdump -i ens192\nlistening on ens192');
  });

  test('that is never looked at is an error', async () => {
    const result = await run(listening(new FakeLab()), async (s) => {
      await s.capture('a capture', { on: 'worker1', run: 'tcpdump' });
    });
    expect(result.failure).toMatchObject({ code: 'E_UNCHECKED' });
    expect(result.failure?.detail).toContain('never checked: a capture (hoplab exec worker1 -- tcpdump)');
  });
});
