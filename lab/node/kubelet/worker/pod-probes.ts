import type { Container } from '../../runtime/index.ts';
import { isSidecar } from '../container-specs.ts';
import type { ContainerRecord } from '../pod-status.ts';
import { ContainerProber, runHandler } from '../probes/index.ts';
import { handlerTarget } from './handler-target.ts';
import type { PodScope } from './pod-scope.ts';

const NAMES = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;

/** A container whose probe has failed for good. */
export interface ProbeVerdict {
  readonly id: string;
  readonly message: string;
  readonly grace: number | undefined;
}

/** The probers of a pod's running containers. */
export class PodProbes {
  readonly #scope: PodScope;
  readonly #probers = new Map<string, { readonly id: string; readonly prober: ContainerProber }>();
  readonly #verdicts = new Map<string, ProbeVerdict>();

  constructor(scope: PodScope) {
    this.#scope = scope;
  }

  /** Ready and started, by container name; containers without probes are missing. */
  get results(): ReadonlyMap<string, { readonly ready: boolean; readonly started: boolean }> {
    return new Map(
      [...this.#probers].map(([name, { prober }]) => [
        name,
        { ready: prober.ready, started: prober.started },
      ]),
    );
  }

  /** Containers to restart; each is told once. */
  takeVerdicts(): ProbeVerdict[] {
    const verdicts = [...this.#verdicts.values()];
    this.#verdicts.clear();
    return verdicts;
  }

  start(container: Container, record: ContainerRecord): void {
    this.stop(container.name);
    if (!container.startupProbe && !container.livenessProbe && !container.readinessProbe) return;
    const scope = this.#scope;
    const sidecar = isSidecar(container);
    const prober = new ContainerProber(container, Date.parse(record.startedAt ?? record.createdAt), {
      run: (probe, timeout) => runHandler(probe, handlerTarget(scope, container, record), timeout),
      changed: () => {
        scope.wake.changed();
        // The pod's initialization may go on.
        if (sidecar) scope.wake.trigger();
      },
      unhealthy: (kind, message) =>
        scope.event('Warning', 'Unhealthy', `${NAMES[kind]} probe failed: ${message}`, container.name),
      failed: (kind) => {
        const message = sidecar
          ? `Init container ${container.name} failed ${kind} probe`
          : `Container ${container.name} failed ${kind} probe, will be restarted`;
        const grace = container[`${kind}Probe`]?.terminationGracePeriodSeconds;
        this.#verdicts.set(record.id, { id: record.id, message, grace });
        scope.wake.trigger();
      },
      now: () => scope.now(),
    });
    this.#probers.set(container.name, { id: record.id, prober });
  }

  stop(name: string): void {
    this.#probers.get(name)?.prober.stop();
    this.#probers.delete(name);
  }

  /** The pod is going: its last results stand, so that it does not become ready again. */
  freeze(): void {
    for (const { prober } of this.#probers.values()) prober.stop();
  }
}
