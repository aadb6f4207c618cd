import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ScenarioSpec } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { contains, exitCode, not } from './match.ts';
import type { RunOptions } from './runner.ts';
import { hurried, runStory, testFolder } from './story.fixture.ts';

const folder = testFolder();
const run = (lab: FakeLab, story: ScenarioSpec['story'], more: Partial<ScenarioSpec & RunOptions> = {}) =>
  runStory(folder, lab, story, more);

describe('a step', () => {
  test('keeps the command, what was typed and the output', async () => {
    const lab = new FakeLab({
      'ip route': 'default via 10.1.110.254\nblackhole 192.168.104.64/26 proto bird\n',
    });
    const result = await run(lab, async (s) => {
      const seen = await s.step('the own block is a black hole', {
        on: 'worker1',
        run: 'ip route',
        see: contains('blackhole 192.168.104.64/26 proto bird'),
      });
      expect(seen.pick(/blackhole (\S+)/)).toBe('192.168.104.64/26');
    });
    expect(result.status).toBe('passed');
    expect(result.story).toMatchObject([
      { number: 1, typed: 'hoplab exec worker1 -- ip route', marked: [1], held: true, code: 0 },
    ]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('a wrong observation fails, side by side, and the state is kept', async () => {
    const lab = new FakeLab({ 'ip route': 'nothing of it\n', 'ip neigh': '169.254.1.1 dev eth0\n' });
    const result = await run(lab, async (s) => {
      await s.step('a route', { on: 'worker1', run: 'ip route', see: contains('tunl0') });
    });
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'E_STEP' } });
    expect(result.failure?.detail).toContain('EXPECTED    | OBSERVED');
    expect(result.failure?.detail).toContain('"tunl0"     | nothing of it');
    const evidence = result.failure?.evidence ?? '';
    expect(evidence).toBe(join(folder.path, 'out/fake/pods/one'));
    expect((await readdir(evidence)).sort()).toEqual(
      ['client.txt', 'error.txt', 'router.txt', 'story.txt', 'worker1.txt', 'worker2.txt'].sort(),
    );
    expect(await readFile(join(evidence, 'worker1.txt'), 'utf8')).toContain(
      '# ip neigh\n169.254.1.1 dev eth0',
    );
    expect(await readFile(join(evidence, 'story.txt'), 'utf8')).toContain(
      '$ hoplab exec worker1 -- ip route',
    );
  });

  test('a command that fails proves nothing, unless its code is what is looked at', async () => {
    const lab = new FakeLab({ ping: { code: 1, stdout: '0 received' } });
    const bad = await run(lab, async (s) => {
      await s.step('x', { on: 'worker1', run: 'ping', see: contains('0 received') });
    });
    expect(bad.failure?.detail).toContain('exit code 0: exit code 1');
    const good = await run(lab, async (s) => {
      await s.step('x', { on: 'worker1', run: 'ping', see: [contains('0 received'), exitCode(1)] });
    });
    expect(good.status).toBe('passed');
  });

  test('a swallowed failure is still a failure', async () => {
    const result = await run(new FakeLab(), async (s) => {
      await s.step('x', { on: 'worker1', run: 'a', see: contains('b') }).catch(() => {});
    });
    expect(result.failure?.code).toBe('E_STEP');
  });

  test('a step that names nothing to see fails', async () => {
    const result = await run(new FakeLab(), async (s) => {
      await s.step('x', { on: 'worker1', run: 'a', see: [] });
    });
    expect(result.failure?.detail).toContain('names nothing that must be seen');
  });

  test('a command that was killed at its time-out is named with its duration', async () => {
    const lab = new FakeLab({ hang: { code: 137, timedOut: true } });
    const result = await run(lab, async (s) => {
      await s.step('x', { on: 'worker1', run: 'hang', timeoutMs: 2_000, see: contains('y') });
    });
    expect(result.failure).toMatchObject({ code: 'E_STEP_TIMEOUT' });
    expect(result.failure?.message).toContain('time-out after 2 s: hoplab exec worker1 -- hang ended');
  });

  test('an engine that does not answer is not waited for', async () => {
    const lab = new FakeLab({ hang: () => new Promise(() => {}) });
    const result = await run(
      lab,
      async (s) => {
        await s.step('x', { on: 'worker1', run: 'hang', see: contains('y') });
      },
      { clock: hurried },
    );
    expect(result.failure?.message).toContain('time-out after 35 s: hoplab exec worker1 -- hang ended');
  });

  test('what cannot be picked fails', async () => {
    const result = await run(new FakeLab({ a: 'eth0' }), async (s) => {
      const seen = await s.act('x', { on: 'worker1', run: 'a' });
      seen.pick(/if(\d+)/);
    });
    expect(result.failure).toMatchObject({ code: 'E_PICK' });
  });
});

describe('waiting', () => {
  test('looks again after each event, without sleeping', async () => {
    let looks = 0;
    const lab = new FakeLab({ 'ip route': () => (++looks < 3 ? 'no' : 'tunl0') });
    lab.onStream = (stream) => {
      stream.say('watching');
      setImmediate(() => stream.say('Deleted 192.168.8.192/26'));
    };
    const result = await run(lab, async (s) => {
      await s.step('the route comes', {
        on: 'worker1',
        run: 'ip route',
        see: contains('tunl0'),
        within: 60_000,
        until: { watch: 'ip monitor route' },
      });
    });
    expect(result.status).toBe('passed');
    expect(looks).toBe(3);
    expect(lab.streams.map(({ command, stopped }) => [command, stopped])).toEqual([
      ['echo watching; ip monitor route', true],
    ]);
  });

  test('a missed event costs time, not the test: there is a look after the deadline', async () => {
    let looks = 0;
    const lab = new FakeLab({ x: () => (++looks < 2 ? 'no' : 'yes') });
    const result = await run(
      lab,
      async (s) => {
        await s.step('x', {
          on: 'worker1',
          run: 'x',
          see: contains('yes'),
          within: 5,
          until: { watch: 'w' },
        });
      },
      { clock: hurried },
    );
    expect(result.status).toBe('passed');
  });

  test('the deadline names the condition and the duration', async () => {
    const lab = new FakeLab({ 'ip route': 'no' });
    const result = await run(
      lab,
      async (s) => {
        await s.step('the route goes', {
          on: 'worker1',
          run: 'ip route',
          see: not(contains('no')),
          within: 15_000,
          until: { watch: 'ip monitor route' },
        });
      },
      { clock: hurried },
    );
    expect(result.failure?.code).toBe('E_STEP_TIMEOUT');
    expect(result.failure?.message).toBe('step 1, the route goes: time-out after 15 s: not: "no"');
  });
});
