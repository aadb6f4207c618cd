import {
  type ApiClient,
  type Clock,
  eventRecorder,
  type InformerFactory,
  type KnownResource,
  writeThrough,
} from '../../api/client/index.ts';
import type { Log } from '../../api/klog.ts';
import type { Controller, ControllerContext } from './context.ts';
import { daemonSetController } from './daemonset/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { endpointSliceController } from './endpointslice/controller.ts';
import { endpointSliceMirroringController } from './endpointslice/mirroring-controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { namespaceController } from './namespace/controller.ts';
import { nodeLifecycleController } from './node-lifecycle/controller.ts';
import { taintEvictionController } from './node-lifecycle/eviction-controller.ts';
import { persistentVolumeController } from './persistent-volume/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';
import { COLLECTABLE } from './resources.ts';
import { serviceAccountController } from './service-account/controller.ts';
import { rootCaController } from './service-account/root-ca.ts';

export interface ManagerOptions {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeMonitorGracePeriodMs: number;
  /** PEM to publish as kube-root-ca.crt. */
  readonly rootCA?: string | undefined;
  /** Kinds whose owner references are followed; those that the server serves. */
  readonly collectable?: readonly KnownResource[];
}

/** All controllers of kube-controller-manager, in one process over shared informers. */
export function controllerManager(options: ManagerOptions): Controller {
  const { informers, clock, log } = options;
  const recorders: ReturnType<typeof eventRecorder>[] = [];
  const context: ControllerContext = {
    client: writeThrough(options.client, informers),
    informers,
    clock,
    log,
    recorder(component) {
      const onError = (error: unknown) => log.warn('Event was lost', { component, err: error });
      const recorder = eventRecorder(options.client, { component, clock, onError });
      recorders.push(recorder);
      return recorder;
    },
  };
  const controllers: Controller[] = [
    deploymentController(context),
    replicaSetController(context),
    daemonSetController(context),
    endpointsController(context),
    endpointSliceController(context),
    endpointSliceMirroringController(context),
    namespaceController(context),
    garbageCollector(context, options.collectable ?? COLLECTABLE),
    nodeLifecycleController(context, options.nodeMonitorGracePeriodMs),
    taintEvictionController(context),
    serviceAccountController(context),
    persistentVolumeController(context),
    ...(options.rootCA === undefined ? [] : [rootCaController(context, options.rootCA)]),
  ];
  return {
    name: 'controller-manager',
    start() {
      for (const controller of controllers) controller.start();
    },
    async stop() {
      await Promise.all(controllers.map((controller) => controller.stop()));
    },
    async idle() {
      await Promise.all(controllers.map((controller) => controller.idle()));
      await Promise.all(recorders.map((recorder) => recorder.flush()));
    },
  };
}
