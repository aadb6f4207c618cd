import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listScenarios, type RunCommandOptions, runCommand } from './command.ts';
import { FakeLab } from './fake-lab.fixture.ts';

const index = JSON.stringify(resolve(import.meta.dirname, 'index.ts'));
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hoplab-command-'));
  await mkdir(join(dir, 'nodes'));
  const text = `import { contains, scenario } from ${index};
export default scenario({
  title: 'Routes', chapter: 'nodes', figures: ['13'],
  async story(s) {
    await s.step('a route', { on: 'worker1', run: 'ip route', see: contains('tunl0') });
  },
});
`;
  await writeFile(join(dir, 'nodes', 'routes.ts'), text);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function run(answer: string, options: Partial<RunCommandOptions> = {}, enter?: () => Promise<void>) {
  const out = { stdout: '', stderr: '' };
  const io = {
    stdout: (text: string) => {
      out.stdout += text;
    },
    stderr: (text: string) => {
      out.stderr += text;
    },
    ...(enter && { enter }),
  };
  const code = await runCommand(
    { dir, outputDir: join(dir, 'out'), ...options },
    new FakeLab({ 'ip route': answer }),
    io,
  );
  return { code, ...out };
}

test('tells on stderr, leaves stdout to data, and ends with 0 or 1', async () => {
  expect(await run('dev tunl0\n')).toMatchObject({ code: 0, stdout: '' });
  const failed = await run('nothing\n', { brief: true });
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toContain('✗ nodes/routes: Routes');
  expect((await run('nothing\n', { quiet: true })).stderr).toBe('');
});

test('-o json has every step with its output', async () => {
  const { stdout } = await run('dev tunl0\n', { output: 'json' });
  expect(JSON.parse(stdout)).toMatchObject({
    scenarios: [
      {
        id: 'nodes/routes',
        status: 'passed',
        story: [{ typed: 'hoplab exec worker1 -- ip route', stdout: 'dev tunl0\n' }],
      },
    ],
  });
});

test('writes the files that were asked for', async () => {
  await run('dev tunl0\n', { junit: join(dir, 'reports/junit.xml'), workbook: join(dir, 'book') });
  expect(await readFile(join(dir, 'reports/junit.xml'), 'utf8')).toContain('tests="1" failures="0"');
  expect(await readFile(join(dir, 'book/nodes/routes.md'), 'utf8')).toContain('worker1# ip route\ndev tunl0');
  expect(await readFile(join(dir, 'book/README.md'), 'utf8')).toContain('(nodes/routes.md)');
});

test('--step waits for Enter between the command and its output', async () => {
  let pressed = 0;
  const { stderr } = await run('dev tunl0\n', { step: true }, async () => {
    pressed += 1;
  });
  expect(pressed).toBe(1);
  expect(stderr).toMatch(/1\. a route\nworker1# ip route\n {2}\[Enter\][\s\S]*> dev tunl0/);
});

test('an unknown name is a usage error', async () => {
  await expect(run('', { filter: ['rutes'] })).rejects.toMatchObject({ code: 'E_NO_SCENARIO', exitCode: 2 });
});

test('listScenarios needs no lab', async () => {
  expect(await listScenarios(dir)).toMatchObject([{ id: 'nodes/routes', title: 'Routes', figures: ['13'] }]);
});
