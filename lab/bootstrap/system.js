// What this machine is and what may be installed on it. Plain JavaScript: it runs before `npm ci`.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';

/** An error for people. The TypeScript side turns it into a HoplabError; its fields are the same. */
export class BootstrapError extends Error {
  constructor({ code, message, detail, next, exitCode = 3, cause }) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BootstrapError';
    Object.assign(this, { code, detail, next, exitCode });
  }

  render() {
    const lines = [`error: ${this.message} [${this.code}]`];
    if (this.detail) lines.push(...this.detail.split('\n').map((line) => `  ${line}`));
    if (this.next) lines.push(`next: ${this.next}`);
    return lines.join('\n');
  }
}

export const isRoot = () => process.getuid?.() === 0;

/** Absolute path of a program, or undefined. sbin is searched too: users' PATHs often lack it, dockerd lives there. */
export function which(program, env = process.env) {
  for (const folder of [...(env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']) {
    if (!folder) continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** ID, ID_LIKE and PRETTY_NAME of os-release(5). */
export function parseOsRelease(text) {
  const fields = {};
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/.exec(line);
    if (match) fields[match[1]] = match[2] ?? match[3] ?? match[4];
  }
  return {
    id: fields.ID ?? 'linux',
    like: (fields.ID_LIKE ?? '').split(' ').filter(Boolean),
    name: fields.PRETTY_NAME ?? fields.ID ?? 'Linux',
  };
}

export function distribution() {
  if (process.platform !== 'linux')
    return {
      id: process.platform,
      like: [],
      name: process.platform === 'darwin' ? 'macOS' : process.platform,
      wsl: false,
    };
  const read = (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const wsl = /microsoft/i.test(read('/proc/sys/kernel/osrelease'));
  return { ...parseOsRelease(read('/etc/os-release') || read('/usr/lib/os-release')), wsl };
}

export const isDebianLike = (os) =>
  ['debian', 'ubuntu'].includes(os.id) || os.like.includes('debian') || os.like.includes('ubuntu');

/** True with LAB_YES=1 or CI=true, or after a yes typed on a terminal. */
export async function consent(
  question,
  { env = process.env, input = process.stdin, output = process.stderr } = {},
) {
  if (env.LAB_YES === '1' || env.CI === 'true') return true;
  if (!input.isTTY || !output.isTTY) return false;
  const prompt = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

/**
 * Installs distribution packages with apt-get. The caller has checked root and Debian and has asked.
 * Throws BootstrapError with apt's last lines.
 */
export function aptInstall(packages) {
  const steps = [
    ['apt-get', 'update', '-q'],
    ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages],
  ];
  for (const [program, ...args] of steps) {
    const result = spawnSync(program, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    // A third-party source that does not answer makes `update` fail although Debian's own lists came; install decides.
    if (result.status === 0 || args[0] === 'update') continue;
    throw new BootstrapError({
      code: 'E_INSTALL',
      message: `${packages.join(' and ')} could not be installed`,
      detail: `${program} ${args.join(' ')}\n${`${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n')}`,
      next: 'run the command above by hand, then try again',
    });
  }
}

/**
 * Makes sure a program of a Debian package is there: finds it, or installs it after consent.
 * Returns its path; throws BootstrapError that says what to install and how.
 */
export async function ensureProgram(
  program,
  packages,
  why,
  log = (line) => process.stderr.write(`${line}\n`),
) {
  const found = which(program);
  if (found) return found;
  const os = distribution();
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  const refuse = (reason, next) =>
    new BootstrapError({
      code: 'E_MISSING_PROGRAM',
      message: `${program} is needed (${why}) but not installed${reason}`,
      next,
    });
  if (!isDebianLike(os))
    throw refuse(
      `, and ${os.name} is not a Debian system the lab can install it on`,
      `install ${program} with your package manager, or make a registry reachable`,
    );
  if (!isRoot()) throw refuse('', `sudo ${command}`);
  if (!(await consent(`Install ${packages.join(' and ')} from ${os.name}'s packages (${why})?`)))
    throw refuse('', `${command}    (or set LAB_YES=1 to let the lab do it)`);
  log(`installing ${packages.join(' and ')} (${why})`);
  aptInstall(packages);
  const path = which(program);
  if (!path) throw refuse(' even after installing its package', command);
  return path;
}
