import { ENDPOINT_SLICES, ENDPOINTS, keyOf, SERVICES } from '../../../api/client/index.ts';
import type { EndpointSlice, Endpoints, Service } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { fitIntoSlices } from './fit.ts';
import { isMirrored, mirroredAnnotations, mirroredGroups } from './mirroring.ts';
import { slicesOf } from './slices.ts';
import { deleteSlice, MANAGED_BY, SERVICE_NAME, writeSlices } from './writes.ts';

const CONTROLLER = 'endpointslicemirroring-controller.k8s.io';

/** Copies hand-written Endpoints into EndpointSlices. pkg/controller/endpointslicemirroring. */
export function endpointSliceMirroringController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of<Service>(SERVICES);
  const endpoints = informers.of<Endpoints>(ENDPOINTS);
  const managed = slicesOf(informers.of<EndpointSlice>(ENDPOINT_SLICES), CONTROLLER);
  const queue = new ControllerQueue('endpointslicemirroring', context, sync);
  const add = (object: Endpoints | Service) => queue.add(keyOf(object));

  endpoints.on({ add, update: add, delete: add });
  services.on({
    add,
    delete: add,
    update(service, old) {
      if (Boolean(service.spec.selector) !== Boolean(old.spec.selector)) add(service);
    },
  });
  managed.changed((key) => queue.add(key));

  async function sync(key: string): Promise<void> {
    const object = endpoints.getByKey(key);
    const existing = managed.of(key);
    if (!object || !isMirrored(object, services.getByKey(key))) {
      await Promise.all(existing.map((slice) => deleteSlice(client, slice)));
      return;
    }
    const frame = {
      labels: {
        ...object.metadata.labels,
        [MANAGED_BY]: CONTROLLER,
        [SERVICE_NAME]: object.metadata.name ?? '',
      },
      annotations: mirroredAnnotations(object),
    };
    const plan = fitIntoSlices(existing, mirroredGroups(object), frame, false);
    await writeSlices(client, plan, frame, object, 'Endpoints');
  }

  return queueController('endpointslicemirroring', queue);
}
