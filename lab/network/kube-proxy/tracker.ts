import type { RuleLayout } from '../../api/cluster.ts';
import type { EndpointSlice, Service } from '../../api/objects/index.ts';
import { staleFlows } from './conntrack/index.ts';
import { categorize, endpointsByPort, portKey, type ServedPort, servicePorts } from './model/index.ts';
import {
  LARGE_CLUSTER,
  type PortRules,
  type RuleOptions,
  type RuleSet,
  renderPort,
  renderRuleSet,
} from './rules/index.ts';

/** The objects that a service is made of, as they are now. */
export interface ServiceSource {
  /** Services and slices are asked for by `namespace/name` of the service. */
  service(key: string): Service | undefined;
  slices(key: string): readonly EndpointSlice[];
}

interface Entry {
  readonly ports: readonly ServedPort[];
  rules?: readonly PortRules[] | undefined;
}

/** What a round of changes came to. */
export interface Changes {
  /** Entries of the connection table to be deleted when the rules are in. */
  readonly staleFlows: readonly string[];
}

/** Keeps the model and the rules of every service, and makes anew only what changed. */
export class ServiceTracker {
  readonly #source: ServiceSource;
  readonly #nodeName: string;
  readonly #layout: RuleLayout;
  readonly #onProblem: (service: string, problem: string) => void;
  readonly #entries = new Map<string, Entry>();
  #order: readonly string[] | undefined;
  /** What the kept rules were rendered with. */
  #rendered = '';

  constructor(
    source: ServiceSource,
    nodeName: string,
    layout: RuleLayout,
    onProblem: (service: string, problem: string) => void,
  ) {
    this.#source = source;
    this.#nodeName = nodeName;
    this.#layout = layout;
    this.#onProblem = onProblem;
  }

  /** Takes over the services named by `namespace/name`. */
  update(keys: Iterable<string>): Changes {
    const flows: string[] = [];
    for (const key of keys) {
      const before = this.#entries.get(key);
      const ports = this.#portsOf(key);
      flows.push(...staleFlows(before?.ports, ports));
      if (before === undefined || ports.length === 0) this.#order = undefined;
      if (ports.length === 0) this.#entries.delete(key);
      else this.#entries.set(key, { ports });
    }
    return { staleFlows: flows };
  }

  /** All service ports, in the order of their services' names. */
  *ports(): Generator<ServedPort> {
    for (const key of this.#keys()) yield* this.#entries.get(key)?.ports ?? [];
  }

  ruleSet(options: Omit<RuleOptions, 'comments'>): RuleSet {
    let endpoints = 0;
    for (const { ports } of this.#entries.values())
      for (const port of ports) endpoints += port.reachable.length;
    const full = { ...options, comments: endpoints <= LARGE_CLUSTER };
    const key = JSON.stringify(full);
    if (key !== this.#rendered) for (const entry of this.#entries.values()) entry.rules = undefined;
    this.#rendered = key;
    const rules: PortRules[] = [];
    for (const key of this.#keys()) {
      const entry = this.#entries.get(key);
      if (!entry) continue;
      entry.rules ??= entry.ports.map((port) => renderPort(this.#layout, port, full));
      rules.push(...entry.rules);
    }
    return renderRuleSet(this.#layout, rules, full);
  }

  /** The kernel gets an order that does not depend on who came first, so that nodes can be compared. */
  #keys(): readonly string[] {
    this.#order ??= [...this.#entries.keys()].sort();
    return this.#order;
  }

  #portsOf(key: string): ServedPort[] {
    const service = this.#source.service(key);
    if (!service) return [];
    try {
      const ports = servicePorts(service, (problem) => this.#onProblem(key, problem));
      if (ports.length === 0) return [];
      const endpoints = endpointsByPort(this.#source.slices(key), this.#nodeName);
      return ports.map((port) =>
        categorize(port, endpoints.get(portKey(port.portName, port.protocol)) ?? []),
      );
    } catch (error) {
      // One malformed object must not keep the others from being served.
      this.#onProblem(key, error instanceof Error ? error.message : String(error));
      return [];
    }
  }
}
