import { existsSync, mkdirSync, watch } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Tells about ended containers: conmon writes a file named by the container's id into one directory. */
export interface ExitWatch {
  /** Calls `listener` once with the exit code, now if the container has ended already. */
  expect(id: string, listener: (code: number) => void): void;
  /** Nobody waits for this container any more; its exit file is removed when it appears. */
  forget(id: string): void;
  close(): void;
}

export function watchExits(directory: string): ExitWatch {
  mkdirSync(directory, { recursive: true });
  const listeners = new Map<string, (code: number) => void>();
  const forgotten = new Set<string>();

  async function deliver(id: string): Promise<void> {
    const listener = listeners.get(id);
    if (listener === undefined) {
      if (forgotten.has(id) && existsSync(join(directory, id))) {
        forgotten.delete(id);
        await rm(join(directory, id), { force: true });
      }
      return;
    }
    const text = await readFile(join(directory, id), 'utf8').catch(() => undefined);
    // A second event for the same file may have been served meanwhile.
    if (text === undefined || listeners.get(id) !== listener) return;
    listeners.delete(id);
    listener(Number.parseInt(text, 10) || 0);
    await rm(join(directory, id), { force: true });
  }

  const watcher = watch(directory, (_event, name) => {
    if (name !== null) void deliver(name);
    // inotify's queue overflowed: look at everything.
    else void readdir(directory).then((names) => names.forEach((entry) => void deliver(entry)));
  });
  return {
    expect(id, listener) {
      listeners.set(id, listener);
      void deliver(id);
    },
    forget(id) {
      if (!listeners.delete(id)) return;
      forgotten.add(id);
      void deliver(id);
    },
    close() {
      watcher.close();
    },
  };
}
