import { watch } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PodReport } from '../kubelet/pod-report.ts';
import { DEFAULT_PATHS, podLogDir, renderCriLine, tailLines } from '../runtime/index.ts';
import { CtlError } from './ctl-error.ts';
import { findContainer, findPod } from './pods.ts';
import { KUBELET_STATUS, readKubeletStatus } from './status.ts';

export interface LogOptions {
  readonly container: string | undefined;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tail: number | undefined;
}

function print(lines: readonly string[]): void {
  for (const line of lines) {
    const { stream, text } = renderCriLine(line);
    process[stream].write(text);
  }
}

async function logFile(pod: PodReport, container: string, previous: boolean): Promise<string> {
  const directory = join(podLogDir(DEFAULT_PATHS, pod.namespace, pod.name, pod.uid), container);
  const attempts = (await readdir(directory).catch(() => [] as string[]))
    .map((name) => Number.parseInt(name, 10))
    .filter((attempt) => !Number.isNaN(attempt))
    .sort((a, b) => b - a);
  const attempt = attempts[previous ? 1 : 0];
  if (attempt === undefined) {
    const what = previous
      ? `previous terminated container "${container}" in pod "${pod.name}" not found`
      : `container "${container}" in pod "${pod.name}" is waiting to start`;
    throw new CtlError(what, 1);
  }
  return join(directory, `${attempt}.log`);
}

/** Prints a container's log; with `follow` until the container has ended. @throws CtlError */
export async function logs(name: string, options: LogOptions): Promise<void> {
  const pod = await findPod(name);
  const container = findContainer(pod, options.container);
  const path = await logFile(pod, container.name, options.previous);
  const file = await open(path, 'r');
  let rest = '';
  const readMore = async (): Promise<string[]> => {
    let text = rest;
    const buffer = Buffer.alloc(64 * 1024);
    const decoder = new TextDecoder();
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      text += decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
    }
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
  const first = await readMore();
  print(options.tail === undefined ? first : tailLines(first, options.tail));
  if (options.follow) await follow(pod, container.name, path, async () => print(await readMore()));
  await file.close();
}

/** Whether something may still be written to the log of a container's attempt (counted from 0). Pure. */
export function logGrows(pod: PodReport | undefined, container: string, attempt: number): boolean {
  const status = [...(pod?.containerStatuses ?? []), ...(pod?.initContainerStatuses ?? [])].find(
    ({ name }) => name === container,
  );
  if (status?.restartCount !== attempt) return false;
  // One that has been made and is about to start goes on too; one that waits for its restart has ended.
  const ended = status.state.terminated ?? status.lastState.terminated;
  return ended?.containerID !== status.containerID;
}

/** Calls `more` whenever the log grows, until its container no longer runs. */
async function follow(
  pod: PodReport,
  container: string,
  path: string,
  more: () => Promise<void>,
): Promise<void> {
  const attempt = Number.parseInt(basename(path), 10);
  const mayGrow = async (): Promise<boolean> => {
    const now = (await readKubeletStatus())?.pods.find((entry) => entry.uid === pod.uid);
    return logGrows(now, container, attempt);
  };
  let wake = () => {};
  const watchers = [
    watch(dirname(path), (_event, name) => (name === basename(path) ? wake() : undefined)),
    watch(dirname(KUBELET_STATUS), () => wake()),
  ];
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const grows = await mayGrow();
      await more();
      if (!grows) return;
      await changed;
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}
