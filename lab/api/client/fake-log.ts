import type { ApiObject } from '../objects/index.ts';
import { ApiError } from './api-error.ts';

interface Entry {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly object: ApiObject;
  readonly old?: ApiObject;
}

/** What has happened, in order of resource versions, and those who follow it. */
export class EventLog {
  version = 0;
  #entries: { readonly version: number; readonly entry: Entry }[] = [];
  #oldest = 0;
  #epoch = 0;
  #wake = new Set<() => void>();

  append(entry: Entry): void {
    this.version++;
    this.#entries.push({ version: this.version, entry });
    this.#notify();
  }

  compact(): void {
    this.#entries = [];
    this.#oldest = this.version;
    this.#notify();
  }

  drop(): void {
    this.#epoch++;
    this.#notify();
  }

  async *follow(resource: string, from: string, signal: AbortSignal): AsyncGenerator<Entry> {
    let after = Number(from);
    const epoch = this.#epoch;
    while (!signal.aborted && epoch === this.#epoch) {
      if (after < this.#oldest) {
        throw new ApiError({
          code: 410,
          reason: 'Expired',
          message: `too old resource version: ${after} (${this.#oldest})`,
        });
      }
      // Versions are counted without gaps.
      const batch = this.#entries.slice(after - this.#oldest);
      for (const { version, entry } of batch) {
        after = version;
        if (entry.resource !== resource) continue;
        yield entry;
        if (signal.aborted) return;
      }
      if (batch.length === 0) await this.#next(signal);
    }
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = new Set();
    for (const wake of waiting) wake();
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#wake.delete(wake);
        resolve();
      };
      this.#wake.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
