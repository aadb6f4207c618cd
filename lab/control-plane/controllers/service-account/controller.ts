import {
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  keyOf,
  NAMESPACES,
  SERVICE_ACCOUNTS,
} from '../../../api/client/index.ts';
import type { Namespace, ServiceAccount } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';

const DEFAULT = 'default';

/** Gives every namespace its ServiceAccount `default`, again if somebody deletes it. pkg/controller/serviceaccount. */
export function serviceAccountController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const namespaces = informers.of<Namespace>(NAMESPACES);
  const accounts = informers.of<ServiceAccount>(SERVICE_ACCOUNTS);
  const queue = new ControllerQueue('serviceaccount', context, sync);
  namespaces.on({ add: (namespace) => queue.add(keyOf(namespace)) });
  accounts.on({
    delete({ metadata }) {
      if (metadata.name === DEFAULT) queue.add(metadata.namespace ?? '');
    },
  });

  async function sync(name: string): Promise<void> {
    const namespace = namespaces.get(name);
    if (!namespace || namespace.metadata.deletionTimestamp || accounts.get(DEFAULT, name)) return;
    try {
      await client.create<ServiceAccount>(SERVICE_ACCOUNTS, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: DEFAULT, namespace: name },
      });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
    }
  }

  return queueController('serviceaccount', queue);
}
