import { ENDPOINT_SLICES, keyOf, NODES, PODS, SERVICES } from '../../../api/client/index.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { isHeadless } from '../endpoints/pod-address.ts';
import { podsSelectedBy, servicesOfPods } from '../endpoints/selection.ts';
import { LAST_CHANGE, TriggerTimes } from '../endpoints/trigger-times.ts';
import { desiredGroups } from './desired.ts';
import { fitIntoSlices } from './fit.ts';
import { slicesOf } from './slices.ts';
import { MANAGED_BY, SERVICE_NAME, writeSlices } from './writes.ts';

const CONTROLLER = 'endpointslice-controller.k8s.io';
const ZONE = 'topology.kubernetes.io/zone';

/** Keeps the EndpointSlices of services with a selector. pkg/controller/endpointslice. */
export function endpointSliceController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of<Service>(SERVICES);
  const pods = informers.of<Pod>(PODS);
  const nodes = informers.of<Node>(NODES);
  const slices = informers.of<EndpointSlice>(ENDPOINT_SLICES);
  const managed = slicesOf(slices, CONTROLLER);
  const triggers = new TriggerTimes();
  const queue = new ControllerQueue('endpointslice', context, sync, 20);

  services.on({
    add: (service) => queue.add(keyOf(service)),
    update: (service) => queue.add(keyOf(service)),
    // The garbage collector deletes the slices.
    delete: (service) => triggers.forget(keyOf(service)),
  });
  servicesOfPods(pods, services, (key) => queue.add(key));
  managed.changed((key) => queue.add(key));
  nodes.on({
    update(node, old) {
      if (node.metadata.labels?.[ZONE] === old.metadata.labels?.[ZONE]) return;
      for (const service of services.list()) queue.add(keyOf(service));
    },
  });

  async function sync(key: string): Promise<void> {
    const service = services.getByKey(key);
    // The slices of a service that lost its selector stay as they are, as the real controller leaves them.
    if (!service?.spec.selector || service.metadata.deletionTimestamp) return;
    if (service.spec.type === 'ExternalName') return;
    const selected = podsSelectedBy(service, pods);
    const byName = new Map(nodes.list().map((node) => [node.metadata.name ?? '', node]));
    const trigger = triggers.next(key, service, selected);
    const frame = {
      labels: {
        ...service.metadata.labels,
        [MANAGED_BY]: CONTROLLER,
        [SERVICE_NAME]: service.metadata.name ?? '',
        ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      annotations: trigger ? { [LAST_CHANGE]: trigger } : {},
    };
    const plan = fitIntoSlices(managed.of(key), desiredGroups(service, selected, byName), frame, true);
    await writeSlices(client, plan, frame, service, 'Service');
  }

  return queueController('endpointslice', queue);
}
