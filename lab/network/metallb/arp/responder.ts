import { type ChildProcess, spawn } from 'node:child_process';
import { parseLine, type ResponderLine } from './lines.ts';

export const RESPONDER_PATH = '/usr/local/sbin/arp-responder';
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

export interface ResponderEvents {
  onLine(line: ResponderLine): void;
  /** It has ended: nothing is answered any more. It is started again by itself, with nothing to answer for. */
  onEnd(reason: string): void;
}

/** The process that answers ARP. Commands given while it is not running are lost, as everything it was told before. */
export class ArpResponder {
  readonly #path: string;
  readonly #events: ResponderEvents;
  /** Usable interfaces, by name. */
  readonly interfaces = new Map<string, string>();
  #child: ChildProcess | undefined;
  #isReady = false;
  #stopped = false;
  #pause = FIRST_PAUSE_MS;

  constructor(events: ResponderEvents, path = RESPONDER_PATH) {
    this.#events = events;
    this.#path = path;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    if (this.#stopped) return;
    const child = spawn(this.#path, [], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let rest = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(-500);
    });
    // It may end while it is being written to; its end is what counts.
    child.stdin.on('error', () => {});
    let ended = false;
    const end = (reason: string) => {
      if (ended) return;
      ended = true;
      this.#ended(reason);
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(complaint.trim() || `${signal ?? `exit code ${code}`}`));
  }

  /** Answer for an address before a time on the monotonic clock, on these interfaces (none: all). */
  hold(ip: string, until: number, interfaces: readonly string[] = []): void {
    const names = interfaces.length > 0 ? ` ${interfaces.join(',')}` : '';
    this.#say(`add ${ip} ${Number.isFinite(until) ? Math.floor(until) : '-'}${names}`);
  }

  /** Answer no more; a `deleted` line follows when that is so. */
  drop(ip: string): void {
    this.#say(`del ${ip}`);
  }

  /** Five rounds of gratuitous ARP over five seconds. */
  announce(ip: string): void {
    this.#say(`announce ${ip}`);
  }

  /** A `free` or `taken` line follows within a quarter of a second. */
  probe(ip: string): void {
    this.#say(`probe ${ip}`);
  }

  stop(): void {
    this.#stopped = true;
    this.#child?.stdin?.end();
  }

  #say(line: string): void {
    if (this.#isReady) this.#child?.stdin?.write(`${line}\n`);
  }

  #take(text: string): void {
    const line = parseLine(text);
    if (!line) return;
    if (line.kind === 'ready') {
      this.#isReady = true;
      this.#pause = FIRST_PAUSE_MS;
    }
    if (line.kind === 'interface' && line.up) this.interfaces.set(line.name, line.mac);
    if (line.kind === 'interface' && !line.up) this.interfaces.delete(line.name);
    this.#events.onLine(line);
  }

  #ended(reason: string): void {
    this.#isReady = false;
    this.#child = undefined;
    this.interfaces.clear();
    if (this.#stopped) return;
    this.#events.onEnd(reason);
    setTimeout(() => this.start(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, MAX_PAUSE_MS);
  }
}
