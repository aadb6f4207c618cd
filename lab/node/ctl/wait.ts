import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NodeReport } from '../kubelet/status-sink.ts';
import { CALICO_STATUS, KUBELET_STATUS, readCalicoStatus, readKubeletStatus } from './status.ts';

/** Says what is still missing, one sentence each; empty when what was waited for has come. */
export type PendingReasons = (
  kubelet: NodeReport | undefined,
  calico: Awaited<ReturnType<typeof readCalicoStatus>>,
) => string[];

/**
 * Blocks until nothing is missing any more, by watching the status files.
 * @param timeout seconds
 * @returns what is still missing when the time is over and the last reports
 */
export async function waitUntil(pendingReasons: PendingReasons, timeout: number) {
  await Promise.all([KUBELET_STATUS, CALICO_STATUS].map((path) => mkdir(dirname(path), { recursive: true })));
  let wake = () => {};
  // Watched before the first look, so that no change falls between.
  const watchers = [KUBELET_STATUS, CALICO_STATUS].map((path) => watch(dirname(path), () => wake()));
  const deadline = Date.now() + timeout * 1000;
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const [kubelet, calico] = await Promise.all([readKubeletStatus(), readCalicoStatus()]);
      const pending = pendingReasons(kubelet, calico);
      const left = deadline - Date.now();
      if (pending.length === 0 || left <= 0) return { pending, kubelet, calico };
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, left);
      });
      await Promise.race([changed, late]);
      clearTimeout(timer);
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}
