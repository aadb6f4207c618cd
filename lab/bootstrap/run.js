// What `npm run lab|test|check|bench` call: node lab/bootstrap/run.js VERB ARGUMENT...
// Plain JavaScript without packages: on a fresh clone it runs before `npm ci`, which it does itself.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkNode, ensureDependencies } from './dependencies.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs one of the package's scripts; the process ends with its exit code. */
export async function run(verb, args) {
  try {
    checkNode();
    await ensureDependencies(root);
    const script = scripts[verb];
    if (!script) throw new Error(`run.js has no script ${verb}: use ${Object.keys(scripts).join(', ')}`);
    const code = await script(args);
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    const forPeople = typeof error?.render === 'function';
    process.stderr.write(`${forPeople ? error.render() : (error?.stack ?? error)}\n`);
    process.exitCode = forPeople ? (error.exitCode ?? 1) : 1;
  }
}

const scripts = { lab, test, check, bench };

/**
 * The command line, in this process. It is started from a bundle kept by bundle.js: no compiling, and a few files
 * instead of hundreds. Verbs that load TypeScript files at run time (scenarios) get tsx instead, and so does a tree
 * that does not compile as a whole: the verbs that do can still be used.
 */
async function lab(args) {
  const entry = 'lab/cli/main.ts';
  let module = pathToFileURL(join(root, entry)).href;
  const folder =
    process.env.HOPLAB_NO_BUNDLE === '1' || loadsTypeScript(args) ? undefined : await bundled(entry);
  if (folder) {
    module = pathToFileURL(join(folder, 'main.js')).href;
  } else {
    const { register } = await import('tsx/esm/api');
    register();
  }
  const { main } = await import(module);
  return main(args);
}

async function bundled(entry) {
  const { bundle } = await import('./bundle.js');
  try {
    return (
      await bundle(root, 'cli', { main: entry }, { external: EXTERNAL, splitting: true, sourcemap: true })
    ).folder;
  } catch (error) {
    process.stderr.write(`warning: the command line cannot be bundled and starts slowly: ${error.message}\n`);
    return undefined;
  }
}

/** Packages with programs or native parts of their own stay where npm put them. */
const EXTERNAL = ['esbuild', 'tsx', 'tsx/*', 'dockerode', 'typescript', 'vitest'];

/** The first word that is no option: `lab -n x scenario run`. */
const loadsTypeScript = (args) =>
  args.some((word) => word === 'scenario' || word === 'exercise') && !args.includes('--');

/** Random tests run all their rounds here, unless told otherwise; `check` runs a few (lab/testing/rounds.ts). */
async function test(args) {
  const { ensureEngine } = await import('./engine.js');
  const engine = await ensureEngine();
  process.stderr.write(`engine: ${engine.host} (${engine.from})\n`);
  process.env.HOPLAB_ROUNDS ??= 'full';
  process.env.HOPLAB_SEED ??= String(Math.floor(Math.random() * 2 ** 31));
  const { allHeld, findings, testRuns, total, toRepeat, withRepeated } = await import('./tests.js');
  let results = [];
  let code = 0;
  for (const side of testRuns(args)) {
    const ended = await Promise.all(
      side.map((words, index) =>
        vitest(words, `${results.length}-${index}`, index === 0 ? 'inherit' : 'pipe'),
      ),
    );
    for (const { code: own, said, found } of ended) {
      process.stdout.write(said);
      results.push(found);
      // It also fails for errors outside of tests, which are in no result.
      if (found && allHeld([found])) code ||= own;
    }
  }
  const files = process.env.CI && args.length === 0 ? toRepeat(results, root) : [];
  if (files.length > 0) {
    process.stdout.write(
      `\nfailed, and run again by ${files.length > 1 ? 'themselves' : 'itself'}: ${files.join(', ')}\n`,
    );
    const again = await vitest([...ALL_BUT_UNIT, '--retry=0', ...files], 'again', 'inherit');
    results = withRepeated(results, again.found);
    code ||= allHeld(results) ? again.code : 0;
  }
  const lines = findings(results, root);
  if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n`);
  process.stdout.write(`\n${total(results)}\n`);
  return code || (allHeld(results) ? 0 : 1);
}

const ALL_BUT_UNIT = ['lab', 'host', 'programs'].flatMap((name) => ['--project', name]);

/** One run of Vitest, and what its JSON reporter says of it; undefined where it has not come so far. */
async function vitest(words, name, output) {
  const file = join(root, `test-output/tests-${process.pid}-${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const run = await timed(['node_modules/vitest/vitest.mjs', 'run', ...words, ...reporters], output);
  const found = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  await rm(file, { force: true });
  return { ...run, found };
}

/**
 * Types, Biome, unit tests, all at once and to the end, so that one look shows everything that is wrong. No Docker. The tests
 * have the terminal; what the others say follows when the tests are done.
 */
async function check(args) {
  const started = Date.now();
  const colour = process.stdout.isTTY && !process.env.NO_COLOR ? ['--pretty', '--colors=force'] : [];
  const types = [
    '--noEmit',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/hoplab/check.tsbuildinfo',
  ];
  const steps = [
    ['unit tests', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...args], 'inherit'],
    ['types', ['node_modules/typescript/bin/tsc', ...types, ...colour.slice(0, 1)], 'pipe'],
    ['biome', ['node_modules/@biomejs/biome/bin/biome', 'ci', ...colour.slice(1), '.'], 'pipe'],
  ].map(([name, words, output]) => [name, timed(words, output)]);
  const failed = [];
  for (const [name, running] of steps) {
    const { code, said, seconds } = await running;
    const result = code === 0 ? 'ok' : `failed (exit code ${code})`;
    process.stdout.write(`${said}== ${name}: ${result}, ${seconds} s\n`);
    if (code !== 0) failed.push(name);
  }
  process.stdout.write(`== all: ${secondsSince(started)} s\n`);
  if (failed.length) process.stderr.write(`error: ${failed.join(', ')} failed\n`);
  return failed.length ? 1 : 0;
}

const secondsSince = (started) => ((Date.now() - started) / 1000).toFixed(1);

/** Runs node to its end: its exit code, what it wrote if that is not inherited, and how long it took. */
async function timed(words, output) {
  const started = Date.now();
  let said = '';
  const code = await node(words, output, (chunk) => {
    said += chunk;
  });
  return { code, said, seconds: secondsSince(started) };
}

async function bench(args) {
  if (!existsSync(join(root, 'bench/main.ts'))) throw new Error('bench/main.ts is missing');
  const { ensureEngine } = await import('./engine.js');
  await ensureEngine();
  return node(['--import', 'tsx', 'bench/main.ts', ...args]);
}

/** Runs node with this terminal, or what it writes `pipe`d; resolves to its exit code. The terminal's signals reach it by themselves. */
function node(args, output = 'inherit', onOutput = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', output, output] });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
    const ignore = () => {}; // Ctrl-C goes to the whole group; wait for the child to clean up
    const forward = () => child.kill('SIGTERM');
    process.on('SIGINT', ignore);
    process.on('SIGTERM', forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', forward);
      resolve(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : code);
    });
  });
}

/**
 * npm runs scripts in the package's folder, wherever it was called; the paths on the command line are meant from there.
 * Only for what npm itself has started: programs below it inherit INIT_CWD too.
 */
export function typedIn(environment, cwd, packageRoot) {
  const { INIT_CWD: folder, npm_lifecycle_event: script } = environment;
  return script === 'lab' && folder && cwd === packageRoot && existsSync(folder) ? folder : cwd;
}

// Started as a script, not imported by bin/hoplab.js.
if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const verb = process.argv[2] ?? 'lab';
  if (verb === 'lab') process.chdir(typedIn(process.env, process.cwd(), root));
  await run(verb, process.argv.slice(3));
}
