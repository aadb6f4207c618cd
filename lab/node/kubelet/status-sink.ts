import { type Pod, writeAtomic } from '../runtime/index.ts';
import type { PodReport } from './pod-report.ts';

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

/** Where reports go: a file, and with an API server the status of pods and node there. */
export interface StatusSink {
  /** Called after every change with the whole report. */
  publish(report: NodeReport): void;
  /** A pod that was to be deleted has left nothing behind. @param last its last report, if it ever had one */
  podEnded?(pod: Pod, last: PodReport | undefined): void;
}

/** @param container name of the container that the event is about; the pod as a whole without one */
export type EventSink = (
  pod: Pod,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  container?: string,
) => void;

/** Several sinks as one. */
export function allSinks(sinks: readonly StatusSink[]): StatusSink {
  return {
    publish: (report) => {
      for (const sink of sinks) sink.publish(report);
    },
    podEnded: (pod, last) => {
      for (const sink of sinks) sink.podEnded?.(pod, last);
    },
  };
}

/** Writes the newest report to a file; several changes within one write become one. Unchanged reports write nothing. */
export function fileSink(path: string, onError: (error: unknown) => void): StatusSink {
  let written = '';
  let next: NodeReport | undefined;
  let busy = false;
  async function drain(): Promise<void> {
    busy = true;
    try {
      while (next !== undefined) {
        const text = `${JSON.stringify(next)}\n`;
        next = undefined;
        if (text === written) continue;
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
      next = report;
      if (!busy) void drain();
    },
  };
}
