// What `npm run lab|test|check|bench` call: node lab/bootstrap/run.js VERB ARGUMENT...
// Plain JavaScript without packages: on a fresh clone it runs before `npm ci`, which it does itself.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
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

async function test(args) {
  const { ensureEngine } = await import('./engine.js');
  const engine = await ensureEngine();
  process.stderr.write(`engine: ${engine.host} (${engine.from})\n`);
  return node(['node_modules/vitest/vitest.mjs', 'run', ...args]);
}

/** Types, Biome, unit tests: all are run, so that one look shows everything that is wrong. No Docker. */
async function check(args) {
  const steps = [
    ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
    ['biome', ['node_modules/@biomejs/biome/bin/biome', 'ci', '.']],
    ['unit tests', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...args]],
  ];
  const failed = [];
  for (const [name, words] of steps) {
    const started = Date.now();
    process.stdout.write(`== ${name}\n`);
    const code = await node(words);
    process.stdout.write(
      `== ${name}: ${code === 0 ? 'ok' : `failed (exit code ${code})`}, ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
    );
    if (code !== 0) failed.push(name);
  }
  if (failed.length) process.stderr.write(`error: ${failed.join(', ')} failed\n`);
  return failed.length ? 1 : 0;
}

async function bench(args) {
  if (!existsSync(join(root, 'bench/main.ts'))) throw new Error('bench/main.ts is missing');
  const { ensureEngine } = await import('./engine.js');
  await ensureEngine();
  return node(['--import', 'tsx', 'bench/main.ts', ...args]);
}

/** Runs node with this terminal; resolves to its exit code. Signals of the terminal reach it by themselves. */
function node(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
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
