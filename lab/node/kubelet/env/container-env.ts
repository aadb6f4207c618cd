import {
  type Container,
  ContainerConfigError,
  expand,
  type KeySelector,
  type Pod,
} from '../../runtime/index.ts';
import { type PlacedFacts, podField, resourceField } from './fields.ts';
import { type DataKind, dataKey, type ObjectData } from './objects.ts';

/** What a container's environment is made of, besides its spec. */
export interface EnvSources {
  readonly pod: Pod;
  readonly placed: PlacedFacts;
  /** Fetched objects by {@link dataKey}; one that is missing does not exist. */
  readonly objects: ReadonlyMap<string, ObjectData>;
  readonly serviceEnv: ReadonlyMap<string, string>;
}

const KIND_NAMES: Readonly<Record<DataKind, string>> = { configmap: 'ConfigMap', secret: 'Secret' };
const VARIABLE_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/**
 * The variables that the pod's spec sets, then those of services where the spec has not taken the name. A value may
 * refer to variables above it and to services'. pkg/kubelet/kubelet_pods.go makeEnvironmentVariables.
 * @throws ContainerConfigError for what does not exist and is not optional
 */
export function containerEnv(container: Container, sources: EnvSources): Map<string, string> {
  const { pod, objects, placed, serviceEnv } = sources;
  const { namespace } = pod.metadata;
  const env = new Map<string, string>();

  const find = (kind: DataKind, name = '', optional = false): ObjectData | undefined => {
    const found = objects.get(dataKey(kind, name));
    if (found === undefined && !optional) throw new ContainerConfigError(`${kind} "${name}" not found`);
    return found;
  };
  const value = (kind: DataKind, { name, key, optional }: KeySelector): string | undefined => {
    const found = find(kind, name, optional)?.get(key);
    if (found === undefined && !optional) {
      throw new ContainerConfigError(`couldn't find key ${key} in ${KIND_NAMES[kind]} ${namespace}/${name}`);
    }
    return found?.toString('utf8');
  };

  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    for (const [kind, ref] of [
      ['configmap', configMapRef],
      ['secret', secretRef],
    ] as const) {
      if (ref === undefined) continue;
      for (const [key, data] of find(kind, ref.name, ref.optional) ?? []) {
        if (VARIABLE_NAME.test(prefix + key)) env.set(prefix + key, data.toString('utf8'));
      }
    }
  }
  for (const { name, value: text, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      env.set(
        name,
        expand(text ?? '', (other) => env.get(other) ?? serviceEnv.get(other)),
      );
      continue;
    }
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    let found: string | undefined;
    if (fieldRef) found = podField(fieldRef.fieldPath, pod, placed);
    else if (resourceFieldRef) found = resourceField(resourceFieldRef, pod, placed, container.name);
    else if (configMapKeyRef) found = value('configmap', configMapKeyRef);
    else if (secretKeyRef) found = value('secret', secretKeyRef);
    if (found !== undefined) env.set(name, found);
  }
  for (const [name, text] of serviceEnv) if (!env.has(name)) env.set(name, text);
  return env;
}
