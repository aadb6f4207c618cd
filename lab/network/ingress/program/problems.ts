import type { EventRecorder } from '../../../api/client/index.ts';
import type { Log } from '../../../api/klog.ts';
import type { Problem } from '../model/index.ts';
import { keyOfIngress } from '../objects.ts';

/** Says each problem once, as an event on its Ingress and in the log, until it has gone. */
export class ProblemReporter {
  readonly #events: EventRecorder;
  readonly #log: Log;
  #said = new Set<string>();

  constructor(events: EventRecorder, log: Log) {
    this.#events = events;
    this.#log = log;
  }

  report(problems: readonly Problem[]): void {
    const now = new Set<string>();
    for (const { ingress, reason, message } of problems) {
      const key = `${ingress.metadata.uid} ${reason} ${message}`;
      if (!this.#said.has(key) && !now.has(key)) {
        this.#events.event(ingress, 'Warning', reason, message);
        this.#log.warn(message, { ingress: keyOfIngress(ingress), reason });
      }
      now.add(key);
    }
    this.#said = now;
  }
}
