import { type Informer, keyOf } from '../../../api/client/index.ts';
import type { Namespace, Pod } from '../../../api/objects/index.ts';
import {
  type CalcInput,
  convertPolicy,
  type Endpoint,
  endpointOf,
  type NetworkPolicy,
  type Policy,
} from './calc/index.ts';

/** A pod without what Felix does not read: of hundreds of pods the rest would be most of its memory. */
export function slimPod(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, labels, annotations, deletionTimestamp } = pod.metadata;
  const podIP = annotations?.['cni.projectcalico.org/podIP'];
  const spec = pod.spec as Pod['spec'] & { serviceAccountName?: string };
  const { nodeName, hostNetwork, serviceAccountName, containers = [] } = spec ?? {};
  const { phase, podIP: address, podIPs } = pod.status ?? {};
  const slim = {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      labels,
      deletionTimestamp,
      ...(podIP === undefined ? {} : { annotations: { 'cni.projectcalico.org/podIP': podIP } }),
    },
    spec: {
      nodeName,
      hostNetwork,
      serviceAccountName,
      containers: containers.map(({ name, ports }) => ({ name, ports })),
    },
    status: { phase, podIP: address, podIPs },
  };
  return slim as Pod;
}

export function slimNamespace({ metadata: { name, uid, resourceVersion, labels } }: Namespace): Namespace {
  return { metadata: { name, uid, resourceVersion, labels } } as Namespace;
}

/** The cluster in the form in which it is calculated with, kept up to date by the informers. */
export class State {
  readonly #report: (problem: string) => void;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #namespaces = new Map<string, Readonly<Record<string, string>>>();
  readonly #policies = new Map<string, Policy>();

  constructor(report: (problem: string) => void) {
    this.#report = report;
  }

  input(node: string): CalcInput {
    return {
      node,
      endpoints: this.#endpoints.values(),
      namespaces: this.#namespaces,
      policies: this.#policies.values(),
    };
  }

  /** @param changed called when what Felix reads of an object has changed */
  follow(
    informers: {
      readonly pods: Informer<Pod>;
      readonly namespaces: Informer<Namespace>;
      readonly policies: Informer<NetworkPolicy>;
    },
    changed: () => void,
  ): void {
    this.#mirror(informers.pods, this.#endpoints, endpointOf, changed);
    this.#mirror(informers.namespaces, this.#namespaces, ({ metadata }) => metadata.labels ?? {}, changed);
    this.#mirror(informers.policies, this.#policies, (policy) => this.#convert(policy), changed);
  }

  #convert(policy: NetworkPolicy): Policy {
    return convertPolicy(policy, (problem) => this.#report(`NetworkPolicy ${keyOf(policy)}: ${problem}`));
  }

  /** Most updates of a pod are of its status and change nothing here. */
  #mirror<T extends { metadata: Pod['metadata'] }, V>(
    source: Informer<T>,
    target: Map<string, V>,
    convert: (object: T) => V | undefined,
    changed: () => void,
  ): void {
    const texts = new Map<string, string>();
    const put = (object: T) => {
      const key = keyOf(object);
      const value = this.#guarded(key, () => convert(object));
      const text = value === undefined ? undefined : JSON.stringify(value);
      if (text === texts.get(key)) return;
      if (value === undefined || text === undefined) {
        target.delete(key);
        texts.delete(key);
      } else {
        target.set(key, value);
        texts.set(key, text);
      }
      changed();
    };
    const remove = (object: T) => {
      const key = keyOf(object);
      texts.delete(key);
      if (target.delete(key)) changed();
    };
    source.on({ add: put, update: put, delete: remove });
  }

  /** A malformed object is reported and taken for none. */
  #guarded<V>(key: string, convert: () => V | undefined): V | undefined {
    try {
      return convert();
    } catch (error) {
      this.#report(`${key} cannot be understood: ${(error as Error).message}`);
      return undefined;
    }
  }
}
