import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError, run } from '../../../node/shell/index.ts';
import { StandingRestore } from './standing-restore.ts';

/** The tools that carry rules into the kernel. */
export interface Iptables {
  /** As `iptables --version` says. */
  readonly backend: 'nf_tables' | 'legacy';
  /**
   * @param transactions each from `*table` to `COMMIT`
   * @throws CommandError with iptables-restore's words; transactions before the refused one stay
   */
  restore(transactions: readonly string[]): Promise<void>;
  /** Tells every line that `iptables-save` prints. */
  save(onLine: (line: string) => void): Promise<void>;
  hasChain(table: string, chain: string): Promise<boolean>;
  /** Ends what runs; the rules stay. */
  stop(): void;
}

/** How `--wait` is told how long another may hold the lock of the legacy backend, in seconds. */
const LOCK_SECONDS = '5';

/** Larger input goes through a process of its own, whose memory ends with it. */
const STANDING_LIMIT = 64 * 1024;

/**
 * @param variant `` for the system's choice, `-nft`, `-legacy`
 * @param prefix what goes before each command, e.g. `nsenter --net=…`
 */
export async function systemIptables(variant = '', prefix: readonly string[] = []): Promise<Iptables> {
  const tool = (suffix: string) => [...prefix, `iptables${variant}${suffix}`];
  const backend = (await run([...tool(''), '--version'])).includes('legacy') ? 'legacy' : 'nf_tables';
  const restore = [...tool('-restore'), '--wait', LOCK_SECONDS, '--noflush'];
  // stdio holds back what goes into a pipe, unless told to end it with the line.
  const [before, after] = [restore.slice(0, prefix.length), restore.slice(prefix.length)];
  const standing = new StandingRestore([...before, 'stdbuf', '-oL', ...after]);
  // The legacy backend holds its lock as long as the process lives.
  let stands = backend === 'nf_tables';
  return {
    backend,
    stop: () => standing.stop(),
    restore: async (list) => {
      const size = list.reduce((sum, { length }) => sum + length, 0);
      if (!stands || size > STANDING_LIMIT) return feed(restore, list);
      try {
        await standing.restore(list.join(''));
      } catch (error) {
        const missing = error instanceof CommandError && error.exitCode === 127;
        if (!missing) throw error;
        stands = false;
        await feed(restore, list);
      }
    },
    save: (onLine) => eachLine(tool('-save'), onLine),
    hasChain: async (table, chain) => {
      try {
        await run([...tool(''), '--wait', LOCK_SECONDS, '-t', table, '-S', chain, '1']);
        return true;
      } catch (error) {
        if (error instanceof CommandError && error.exitCode === 1) return false;
        throw error;
      }
    },
  };
}

/** Runs a program on input that is not put together first: with many services it has megabytes. */
function feed(argv: readonly string[], input: readonly string[]): Promise<void> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    const fail = (code: number, text: string) => reject(new CommandError(argv.join(' '), code, text));
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk;
    });
    child.on('error', (error) => fail(127, error.message));
    child.on('close', (code) => (code === 0 ? resolve() : fail(code ?? 128, errors)));
    // A program that ends without reading everything is judged by its exit code, not by the broken pipe.
    pipeline(Readable.from(input), child.stdin).catch(() => {});
  });
}

function eachLine(argv: readonly string[], onLine: (line: string) => void): Promise<void> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const fail = (code: number, text: string) => reject(new CommandError(argv.join(' '), code, text));
    let rest = '';
    let errors = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk;
    });
    child.on('error', (error) => fail(127, error.message));
    child.on('close', (code) => {
      if (rest !== '') onLine(rest);
      if (code === 0) resolve();
      else fail(code ?? 128, errors);
    });
  });
}
