import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { type ScenarioSpec, scenario } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import type { LoadedScenario } from './load.ts';
import { contains, equals, exitCode, matches, not } from './match.ts';
import { type RunOptions, runScenarios } from './runner.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hoplab-scenario-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function loaded(spec: Partial<ScenarioSpec> & Pick<ScenarioSpec, 'story'>, name = 'one'): LoadedScenario {
  const definition = scenario({ title: 'A title', chapter: 'pods', ...spec });
  const { title, chapter, figures, needs, pods } = definition;
  return {
    id: `pods/${name}`,
    name,
    chapter,
    title,
    figures,
    needs,
    pods,
    file: join(dir, `${name}.ts`),
    definition,
  };
}

async function run(
  lab: FakeLab,
  story: ScenarioSpec['story'],
  more: Partial<ScenarioSpec & RunOptions> = {},
) {
  const [result] = await runScenarios([loaded({ story, ...more })], lab, {
    outputDir: join(dir, 'out'),
    ...more,
  });
  if (!result) throw new Error('no result');
  return result;
}

/** All deadlines pass at once. */
const hurried: Clock = {
  now: () => 0,
  after(_, fire) {
    const timer = setImmediate(() => setImmediate(fire));
    return () => clearImmediate(timer);
  },
};

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
    expect(await readdir(dir)).toEqual([]);
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
    expect(evidence).toBe(join(dir, 'out/fake/pods/one'));
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

describe('a story', () => {
  test('without a step fails', async () => {
    expect((await run(new FakeLab(), async () => {})).failure?.code).toBe('E_UNCHECKED');
  });

  test('with a step that was not awaited fails', async () => {
    const result = await run(new FakeLab({ a: 'b' }), async (s) => {
      void s.step('forgotten', { on: 'worker1', run: 'a', see: contains('b') });
    });
    expect(result.failure).toMatchObject({ code: 'E_NOT_AWAITED', detail: 'missing await: forgotten' });
  });

  test('that throws is a failure with its stack', async () => {
    const result = await run(new FakeLab(), async () => {
      throw new Error('a bug');
    });
    expect(result.failure?.detail).toContain('runner.test.ts');
  });

  test('has its pods before it and none after it, also when it fails', async () => {
    await writeFile(join(dir, 'p.yaml'), 'kind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n');
    const lab = new FakeLab();
    const result = await run(
      lab,
      async (s) => {
        await s.step('x', { on: 'default/p', run: 'a', see: contains('b') });
      },
      { pods: [{ file: './p.yaml', on: 'worker2' }] },
    );
    expect(result.status).toBe('failed');
    const done = lab.done.filter((line) => !line.includes('exec') || line.endsWith(': a'));
    expect(done).toEqual(['applyPods p@worker2', 'waitReady default/p', 'exec default/p: a', 'deletePods p']);
    // The evidence is gathered while the pods still are there.
    expect(lab.done.at(-1)).toBe('deletePods p');
  });

  test('that leaves a node stopped has it started again', async () => {
    const lab = new FakeLab();
    const result = await run(lab, async (s) => {
      await s.nodeStop('worker2 loses power', 'worker2', 'power-cut');
      await s.step('x', { on: 'worker1', run: 'a', see: contains('b') });
    });
    expect(result.status).toBe('failed');
    expect(lab.done.filter((line) => line.startsWith('node'))).toEqual([
      'nodeStop worker2 power-cut',
      'nodeStart worker2',
    ]);
  });

  test('whose clean-up fails is a failure', async () => {
    const lab = new FakeLab();
    lab.nodeStart = async () => {
      throw new Error('worker2 does not start');
    };
    const result = await run(lab, async (s) => {
      await s.nodeStop('off', 'worker2');
    });
    expect(result.failure?.message).toBe('worker2 does not start');
  });
});

describe('connectivity', () => {
  const from = { name: 'pod', on: 'worker1', enter: 'nsenter -t 7 -n' };
  const answers = {
    'nsenter -t 7 -n sh -c \'for to in 1.1.1.1 2.2.2.2:8080; do echo "$to: $(curl -s --max-time 3 http://$to/ || echo no answer)" & done; wait\'':
      '1.1.1.1: frontend-1 (1.1.1.1) sees 9.9.9.9\n2.2.2.2:8080: no answer\n',
  };

  test('is checked as a set and printed as a table', async () => {
    const result = await run(new FakeLab(answers), async (s) => {
      const net = s.connectivity();
      net.some(from, { name: 'a', address: '1.1.1.1' }, ['8.8.8.8', '9.9.9.9']);
      net.none(from, { name: 'b', address: '2.2.2.2:8080' });
      await net.check('who reaches whom');
    });
    expect(result.story).toMatchObject([{ stdout: 'from \\ to  a        b\npod        9.9.9.9  -\n' }]);
  });

  test('every wrong pair is named', async () => {
    const result = await run(new FakeLab(answers), async (s) => {
      const net = s.connectivity();
      net.some(from, { name: 'a', address: '1.1.1.1' }, '8.8.8.8');
      net.some(from, { name: 'b', address: '2.2.2.2:8080' }, '8.8.8.8');
      await net.check('who reaches whom');
    });
    expect(result.failure?.detail).toContain('pod -> a: expected seen as 8.8.8.8, observed seen as 9.9.9.9');
    expect(result.failure?.detail).toContain('pod -> b: expected seen as 8.8.8.8, observed no answer');
  });

  test('an expectation never checked is an error', async () => {
    const result = await run(new FakeLab({ a: 'b' }), async (s) => {
      await s.step('x', { on: 'worker1', run: 'a', see: equals('b') });
      s.connectivity().none(from, { name: 'a', address: '1.1.1.1' });
    });
    expect(result.failure?.detail).toBe('never checked: connectivity from pod to a (1 expectations)');
  });
});

describe('manifests', () => {
  beforeEach(async () => {
    for (const name of ['space', 'web', 'rule'])
      await writeFile(join(dir, `${name}.yaml`), `name: ${name}\n`);
  });

  test('are applied before the story, and what the lab has of them at its end is deleted, the last one first', async () => {
    const lab = new FakeLab();
    const result = await run(
      lab,
      async (s) => {
        await s.apply('One more', './rule.yaml');
        await s.apply('and another', './more/../web.yaml');
        await s.remove('Away with it', './rule.yaml');
      },
      { manifests: ['./space.yaml'] },
    );
    expect(result.status).toBe('passed');
    expect(lab.done).toEqual([
      'apply name: space',
      'apply name: rule',
      'apply name: web',
      'remove name: rule',
      'remove name: web',
      'remove name: space',
    ]);
    expect(result.story).toMatchObject([
      { kind: 'command', sentence: 'One more', typed: 'hoplab kubectl apply -f scenarios/pods/rule.yaml' },
      { typed: 'hoplab kubectl apply -f scenarios/pods/web.yaml' },
      { typed: 'hoplab kubectl delete -f scenarios/pods/rule.yaml' },
    ]);
  });

  test('one that failed half-way is deleted, too', async () => {
    const lab = new FakeLab();
    lab.apply = async () => {
      throw new Error('refused');
    };
    const result = await run(lab, async (s) => s.apply('One', './rule.yaml'));
    expect(result.failure?.message).toContain('refused');
    expect(lab.done).toContain('remove name: rule');
  });

  test("kubectl's lines are events without a marker", async () => {
    let looks = 0;
    const lab = new FakeLab({ 'get pods': () => (looks++ === 0 ? 'Pending' : 'Running') });
    lab.onStream = (stream) => {
      expect(stream.command).toBe('get pods -w');
      stream.say('frontend Running');
    };
    const result = await run(lab, async (s) => {
      await s.step('It runs', {
        on: 'kubectl',
        run: 'get pods',
        see: equals('Running'),
        within: 5_000,
        until: { watch: 'get pods -w' },
      });
    });
    expect(result.status).toBe('passed');
  });
});

describe('a run', () => {
  const pass = async (s: Parameters<ScenarioSpec['story']>[0]): Promise<void> => {
    await s.step('x', { on: 'worker1', run: 'a', see: equals('') });
  };
  const fail = async (): Promise<void> => {
    throw new Error('no');
  };

  test('goes on after a failure, or stops with failFast', async () => {
    const list = [loaded({ story: fail }, 'one'), loaded({ story: pass }, 'two')];
    const statuses = async (failFast: boolean) =>
      (await runScenarios(list, new FakeLab(), { outputDir: dir, failFast })).map(({ status }) => status);
    expect(await statuses(false)).toEqual(['failed', 'passed']);
    expect(await statuses(true)).toEqual(['failed']);
  });

  test('says why a scenario is skipped', async () => {
    const lab = new FakeLab();
    lab.has = { netem: true };
    expect(await run(lab, pass, { needs: ['ipip', 'netem'] })).toMatchObject({
      status: 'skipped',
      skipped: 'kernel has no ipip',
    });
    expect(await run(lab, pass, { topology: 'small' })).toMatchObject({
      status: 'skipped',
      skipped: 'written for the topology small, and this lab is iks',
    });
  });

  test('an abort ends the step at once, cleans up, and leaves the rest out', async () => {
    const abort = new AbortController();
    const lab = new FakeLab({ hang: () => new Promise(() => abort.abort(new Error('interrupted'))) });
    const hang = async (s: Parameters<ScenarioSpec['story']>[0]): Promise<void> => {
      await s.nodeStop('off', 'worker2');
      await s.step('x', { on: 'worker1', run: 'hang', see: contains('y') });
    };
    const list = [loaded({ story: hang }, 'one'), loaded({ story: pass }, 'two')];
    const results = await runScenarios(list, lab, { outputDir: dir, signal: abort.signal });
    expect(results).toMatchObject([{ status: 'failed', failure: { message: 'interrupted' } }]);
    expect(lab.done).toContain('nodeStart worker2');
  });
});
