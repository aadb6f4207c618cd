import { type Container, ContainerConfigError, type Pod } from '../runtime/index.ts';
import { type NodeContext, placedFacts } from './context.ts';
import {
  containerEnv,
  dataKey,
  envReferences,
  linkedServices,
  type ObjectData,
  serviceVariables,
} from './env/index.ts';
import { isStatic } from './static-pod.ts';

/** How long a container waits for the first list of services, milliseconds. */
const SERVICES_WAIT = 2000;
const delay = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Fetches what a container's environment needs and builds it. @throws ContainerConfigError */
export async function environment(
  context: NodeContext,
  pod: Pod,
  container: Container,
  podIP: string,
): Promise<Map<string, string>> {
  const { objects } = context;
  const { namespace } = pod.metadata;
  const data = new Map<string, ObjectData>();
  for (const { kind, name } of envReferences(container)) {
    if (objects === undefined) {
      throw new ContainerConfigError(
        `container "${container.name}": env from a ${kind} needs the API server`,
      );
    }
    const found = await objects.get(kind, namespace, name).catch((error: Error) => {
      throw new ContainerConfigError(`failed to fetch ${kind} "${name}": ${error.message}`);
    });
    if (found !== undefined) data.set(dataKey(kind, name), found);
  }
  // A kubelet that has just started hears of pods and of services at about the same time.
  if (objects?.services() === undefined && !isStatic(pod))
    await Promise.race([objects?.ready, delay(SERVICES_WAIT)]);
  const services = objects?.services();
  if (objects !== undefined && services === undefined && !isStatic(pod)) {
    throw new ContainerConfigError('services have not yet been read at least once, cannot construct envs');
  }
  const linked = linkedServices(services ?? [], namespace, pod.spec.enableServiceLinks ?? true);
  return containerEnv(container, {
    pod,
    placed: placedFacts(context, podIP),
    objects: data,
    serviceEnv: serviceVariables(linked),
  });
}
