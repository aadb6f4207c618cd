import { writeAtomic } from '../runtime/index.ts';
import type { PodReport } from './api-status.ts';

/** What a node says about itself and its pods; the shape of /run/kubelet/status.json. */
export interface NodeReport {
  /** The lab's short name, e.g. `worker1`. */
  readonly node: string;
  /** The Kubernetes node name. */
  readonly nodeName: string;
  /** The kubelet runs and has a network configuration. */
  readonly ready: boolean;
  readonly message: string;
  /** `namespace/name` of every pod that should run here, also those whose predecessor is still going. */
  readonly wanted: readonly string[];
  readonly pods: readonly PodReport[];
}

/** Where reports go. Now a file; with the API server a second sink patches the pods' status. */
export interface StatusSink {
  /** Called after every change with the whole report. */
  publish(report: NodeReport): void;
}

/** Where events go: with the API server they become Event objects. */
export type EventSink = (
  pod: { readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string } },
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => void;

/** Writes the newest report to a file; several changes within one write become one. Unchanged reports write nothing. */
export function fileSink(path: string, onError: (error: unknown) => void): StatusSink {
  let written = '';
  let next: string | undefined;
  let busy = false;
  async function drain(): Promise<void> {
    busy = true;
    try {
      while (next !== undefined && next !== written) {
        const text = next;
        await writeAtomic(path, text);
        written = text;
      }
    } catch (error) {
      onError(error);
    } finally {
      busy = false;
    }
  }
  return {
    publish(report) {
      next = `${JSON.stringify(report)}\n`;
      if (!busy && next !== written) void drain();
    },
  };
}
