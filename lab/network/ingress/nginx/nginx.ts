import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../../api/klog.ts';
import { writeAtomically } from '../../../node/shell/index.ts';
import { LUA_MODULES } from '../lua/index.ts';
import type { Paths } from '../render/index.ts';
import { checkConf } from './check.ts';
import type { Files, NginxControl } from './control.ts';
import type { StatusClient } from './status-client.ts';
import { childrenOf, isServing } from './workers.ts';

export interface NginxOptions {
  /** Where the live nginx.conf is. */
  readonly conf: string;
  readonly paths: Paths;
  readonly status: StatusClient;
  readonly log: Log;
  /** nginx has ended without having been asked to. */
  readonly onExit: (reason: string) => void;
}

/** Longest time from a signal to workers that serve. */
const LIVE_MS = 10_000;
const LOOK_EVERY_MS = 5;
const SECRET_MODE = 0o600;
/** Passwords are read when somebody gives one, by workers: they are not root, but in this group (Debian's base-passwd). */
const WORKERS_MODE = 0o640;
const WWW_DATA = 33;

/** nginx as a child process, in the foreground; it writes to this program's stdout and stderr. */
export class Nginx implements NginxControl {
  readonly #options: NginxOptions;
  #child: ChildProcess | undefined;
  #stopping = false;

  constructor(options: NginxOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Puts in place what every configuration refers to. */
  async prepare(): Promise<void> {
    const { paths } = this.#options;
    // The workers' folder first: the one that both are in is made with its mode.
    for (const [folder, mode] of [
      [paths.auth, 0o711],
      [paths.ssl, 0o700],
    ] as const) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode });
    }
    for (const [name, text] of Object.entries(LUA_MODULES)) {
      await writeAtomically(join(paths.lua, name), text);
    }
    // This program's stdout, for whoever opens it: an `nginx -t` whose own stdout is a socket cannot open /dev/stdout.
    const log = join(paths.log, 'access.log');
    await rm(log, { force: true });
    await symlink(`/proc/${process.pid}/fd/1`, log);
  }

  check(text: string): Promise<string | undefined> {
    return checkConf(`${this.#options.conf}.new`, text);
  }

  async apply(text: string, checksum: string): Promise<void> {
    const { conf } = this.#options;
    const master = this.isRunning ? this.#child?.pid : undefined;
    if (master === undefined) {
      await writeAtomically(conf, text);
      this.#start();
      return this.#live(checksum, []);
    }
    const before = await readFile(conf);
    const old = await childrenOf(master);
    await writeAtomically(conf, text);
    process.kill(master, 'SIGHUP');
    try {
      await this.#live(checksum, old);
    } catch (error) {
      // nginx goes on with what it had: so does the file.
      await writeAtomically(conf, before);
      throw error;
    }
  }

  post(dynamic: string): Promise<void> {
    return this.#options.status.post(dynamic);
  }

  async writeFiles({ certificates, passwords }: Files): Promise<void> {
    const { ssl, auth } = this.#options.paths;
    for (const name of await missing(ssl, certificates)) {
      await writeAtomically(join(ssl, name), certificates.get(name) ?? '', SECRET_MODE);
    }
    for (const name of await missing(auth, passwords)) {
      await writeAtomically(join(auth, name), passwords.get(name) ?? '', WORKERS_MODE);
      await chown(join(auth, name), 0, WWW_DATA);
    }
  }

  async keepFiles({ certificates, passwords }: Files): Promise<void> {
    const { ssl, auth } = this.#options.paths;
    await keepOnly(ssl, certificates);
    await keepOnly(auth, passwords);
  }

  /** Lets nginx finish what it serves. Resolves when it has ended. */
  async quit(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || !this.isRunning) return;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT');
    await ended;
  }

  #start(): void {
    const { conf, log, onExit } = this.#options;
    log.info('Starting NGINX process');
    const child = spawn('nginx', ['-c', conf], { stdio: ['ignore', 'inherit', 'inherit'] });
    this.#child = child;
    const ended = (reason: string) => {
      if (this.#child === child && !this.#stopping) onExit(reason);
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, signal) => ended(`exit code ${code ?? signal}`));
  }

  async #live(checksum: string, old: readonly number[]): Promise<void> {
    const deadline = Date.now() + LIVE_MS;
    for (;;) {
      if (!this.isRunning) throw new Error('NGINX has ended');
      const serving = await Promise.all(old.map(isServing));
      if (!serving.includes(true) && (await this.#options.status.checksum()) === checksum) return;
      if (Date.now() > deadline)
        throw new Error(`no worker serves configuration ${checksum} after ${LIVE_MS} ms`);
      // nginx tells nobody when it has reloaded.
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

async function missing(folder: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const present = new Set(await readdir(folder).catch(() => []));
  return [...files.keys()].filter((name) => !present.has(name));
}

async function keepOnly(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!files.has(name)) await rm(join(folder, name), { force: true });
  }
}
