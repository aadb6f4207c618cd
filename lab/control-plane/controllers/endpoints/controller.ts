import {
  ENDPOINTS,
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  keyOf,
  PODS,
  SERVICES,
  splitKey,
} from '../../../api/client/index.ts';
import { canonicalJson } from '../../../api/hash.ts';
import type { Endpoints, Pod, Service } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { isHeadless } from './pod-address.ts';
import { podsSelectedBy, servicesOfPods } from './selection.ts';
import { subsetsOf } from './subsets.ts';
import { LAST_CHANGE, TriggerTimes } from './trigger-times.ts';

const HEADLESS = 'service.kubernetes.io/headless';

/** Fills the Endpoints of services with a selector. pkg/controller/endpoint. */
export function endpointsController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of<Service>(SERVICES);
  const pods = informers.of<Pod>(PODS);
  const endpoints = informers.of<Endpoints>(ENDPOINTS);
  const triggers = new TriggerTimes();
  const queue = new ControllerQueue('endpoint', context, sync, 20);

  services.on({
    add: (service) => queue.add(keyOf(service)),
    update: (service) => queue.add(keyOf(service)),
    delete: (service) => queue.add(keyOf(service)),
  });
  servicesOfPods(pods, services, (key) => queue.add(key));
  // Endpoints that somebody deleted or whose service vanished while this program was away.
  endpoints.on({ delete: (object) => queue.add(keyOf(object)), add: orphaned });

  function orphaned(object: Endpoints): void {
    if (object.metadata.annotations?.[LAST_CHANGE]) queue.add(keyOf(object));
  }

  async function sync(key: string): Promise<void> {
    const service = services.getByKey(key);
    if (!service) {
      triggers.forget(key);
      await remove(key);
      return;
    }
    // Without a selector the Endpoints are somebody else's.
    if (!service.spec.selector || service.spec.type === 'ExternalName') return;
    const selected = podsSelectedBy(service, pods);
    const current = endpoints.getByKey(key);
    const subsets = subsetsOf(service, selected);
    const labels = labelsFor(service);
    const trigger = triggers.next(key, service, selected);
    const same =
      current &&
      canonicalJson(current.subsets ?? []) === canonicalJson(subsets) &&
      canonicalJson(current.metadata.labels ?? {}) === canonicalJson(labels);
    if (same) return;
    await write(service, current, subsets, labels, trigger);
  }

  async function write(
    { metadata }: Service,
    current: Endpoints | undefined,
    subsets: Endpoints['subsets'],
    labels: Record<string, string>,
    trigger: string | undefined,
  ): Promise<void> {
    const { [LAST_CHANGE]: _old, ...rest } = current?.metadata.annotations ?? {};
    const annotations = { ...rest, ...(trigger ? { [LAST_CHANGE]: trigger } : {}) };
    const { name = '', namespace = '' } = metadata;
    const object: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...current?.metadata, name, namespace, labels, annotations },
      subsets: subsets ?? [],
    };
    try {
      if (current) await client.update<Endpoints>(ENDPOINTS, object);
      else await client.create<Endpoints>(ENDPOINTS, object);
    } catch (error) {
      // The informer will bring what is there, and with it the next sync.
      if (isNamespaceTerminating(error)) return;
      if (isAlreadyExists(error)) {
        endpoints.observe(await client.get<Endpoints>(ENDPOINTS, name, namespace));
      }
      throw error;
    }
  }

  /** The Endpoints of a service that is no more. */
  async function remove(key: string): Promise<void> {
    if (!endpoints.getByKey(key)) return;
    const { name, namespace } = splitKey(key);
    try {
      await client.delete(ENDPOINTS, name, namespace);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return queueController('endpoint', queue);
}

/** The service's labels, and the one that tells headless services. */
function labelsFor(service: Service): Record<string, string> {
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {};
  return isHeadless(service) ? { ...labels, [HEADLESS]: '' } : labels;
}
