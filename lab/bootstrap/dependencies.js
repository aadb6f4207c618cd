// Makes sure that the npm packages of package-lock.json are there. Plain JavaScript: it runs before `npm ci`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BootstrapError } from './system.js';

const MINIMUM_NODE = 20;
const LOCK_DEADLINE_MS = 5 * 60_000;

/** Throws BootstrapError when this node is too old. */
export function checkNode(version = process.versions.node) {
  if (Number(version.split('.')[0]) >= MINIMUM_NODE) return;
  throw new BootstrapError({
    code: 'E_NODE_VERSION',
    message: `Node.js ${version} is too old: the lab needs ${MINIMUM_NODE} or later`,
    next: 'install a current Node.js (https://nodejs.org/en/download), for example: nvm install 20',
  });
}

/**
 * Runs `npm ci` when node_modules is missing or not what package-lock.json says. One run at a time: others wait for it.
 * Throws BootstrapError with npm's own output.
 */
export async function ensureDependencies(root, log = (line) => process.stderr.write(`${line}\n`)) {
  if (upToDate(root)) return;
  const unlock = await lock(join(root, '.cache', 'npm-ci.lock'));
  try {
    if (upToDate(root)) return; // another run has just done it
    log('installing npm packages: npm ci (node_modules is missing or older than package-lock.json)');
    // The development packages are part of it: vitest and the type checker are how the lab proves itself.
    const result = spawnSync(
      process.platform === 'win32' ? 'npm.cmd' : 'npm',
      ['ci', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'],
      {
        cwd: root,
        encoding: 'utf8',
        shell: process.platform === 'win32',
      },
    );
    if (result.status === 0) return;
    throw new BootstrapError({
      code: 'E_NPM_CI',
      message: result.error
        ? `npm cannot be run: ${result.error.message}`
        : 'the npm packages could not be installed',
      detail: `npm ci    (in ${root})\n${usefulLines(`${result.stdout ?? ''}${result.stderr ?? ''}`)}`,
      next: 'run the command above by hand; a proxy or registry is set with npm config',
    });
  } finally {
    unlock();
  }
}

/** npm says what is wrong first; its usage text, which may follow, helps nobody. */
function usefulLines(output) {
  const lines = output.trim().split('\n');
  const usage = lines.findIndex((line) => /^npm error (Clean install|Usage:)/.test(line));
  return lines.slice(0, usage === -1 ? 20 : Math.min(usage, 20)).join('\n');
}

/**
 * npm notes what it has installed in node_modules/.package-lock.json. It is out of date when an entry of the lock file
 * is missing there or differs. Times alone would not do: a fresh checkout makes both files new.
 */
export function upToDate(root) {
  const wanted = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules/.package-lock.json');
  const wantedTime = statSync(wanted, { throwIfNoEntry: false })?.mtimeMs;
  const installedTime = statSync(installed, { throwIfNoEntry: false })?.mtimeMs;
  if (wantedTime === undefined) return true; // installed from a package, which npm has done with its dependencies
  if (installedTime === undefined) return false;
  if (installedTime >= wantedTime) return true;
  return samePackages(readFileSync(wanted, 'utf8'), readFileSync(installed, 'utf8'));
}

/** Whether everything the lock file wants is noted as installed; packages for other platforms are optional. */
export function samePackages(wantedText, installedText) {
  try {
    const wanted = JSON.parse(wantedText).packages;
    const installed = JSON.parse(installedText).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || installed[path]?.integrity === entry.integrity,
    );
  } catch {
    return false;
  }
}

/** A lock file with the owner's pid; resolves to the function that removes it. A dead owner's lock is taken over. */
async function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + LOCK_DEADLINE_MS;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!ownerLives(path)) {
      rmSync(path, { force: true });
      continue;
    }
    if (Date.now() > deadline) {
      throw new BootstrapError({
        code: 'E_LOCKED',
        message: `another run has been installing npm packages for ${LOCK_DEADLINE_MS / 60_000} minutes`,
        next: `end it, or remove ${path}`,
      });
    }
    await changeIn(dirname(path), 1000);
  }
}

function ownerLives(path) {
  try {
    const text = readFileSync(path, 'utf8');
    if (text === '') return true; // its owner is just writing it
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // of another user, so alive; ESRCH and ENOENT: gone
  }
}

/** Resolves at the next change in a folder, or after a while: the owner may be killed without a change. */
function changeIn(folder, milliseconds) {
  return new Promise((resolve) => {
    const done = () => {
      watcher.close();
      clearTimeout(timer);
      resolve();
    };
    const watcher = watch(folder, done);
    const timer = setTimeout(done, milliseconds);
  });
}
