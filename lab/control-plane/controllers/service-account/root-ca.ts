import {
  CONFIG_MAPS,
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  keyOf,
  NAMESPACES,
} from '../../../api/client/index.ts';
import type { ConfigMap, Namespace } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/**
 * Publishes the API server's authority into every namespace, where pods find it. pkg/controller/certificates/rootcacertpublisher.
 *
 * @param rootCA PEM
 */
export function rootCaController(context: ControllerContext, rootCA: string): Controller {
  const { client, informers } = context;
  const namespaces = informers.of<Namespace>(NAMESPACES);
  const maps = informers.of<ConfigMap>(CONFIG_MAPS);
  const queue = new ControllerQueue('root-ca-certificate-publisher', context, sync);
  const changed = ({ metadata }: ConfigMap) => {
    if (metadata.name === NAME) queue.add(metadata.namespace ?? '');
  };
  namespaces.on({ add: (namespace) => queue.add(keyOf(namespace)) });
  maps.on({ add: changed, update: changed, delete: changed });

  async function sync(name: string): Promise<void> {
    const namespace = namespaces.get(name);
    if (!namespace || namespace.metadata.deletionTimestamp) return;
    const current = maps.get(NAME, name);
    if (current?.data?.['ca.crt'] === rootCA && Object.keys(current.data).length === 1) return;
    const wanted: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...current?.metadata,
        name: NAME,
        namespace: name,
        annotations: { ...current?.metadata.annotations, 'kubernetes.io/description': DESCRIPTION },
      },
      data: { 'ca.crt': rootCA },
    };
    try {
      if (current) await client.update<ConfigMap>(CONFIG_MAPS, wanted);
      else await client.create<ConfigMap>(CONFIG_MAPS, wanted);
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
    }
  }

  return queueController('root-ca-certificate-publisher', queue);
}
