import type { V1Container, V1Pod, V1ServiceAccount, V1Volume } from '@kubernetes/client-node';
import type { KindContext } from '../../registry/kind.ts';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const suffixCharacters = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Mounts the token of the pod's service account, as the ServiceAccount admission plugin does. Only where the account exists: a
 * static pod needs none. The cluster's CA may be published to the namespace later, the kubelet waits for it; a pod without the
 * mount would never have a token.
 */
export function mountServiceAccountToken(pod: V1Pod, context: KindContext): void {
  const spec = pod.spec;
  const namespace = pod.metadata?.namespace ?? '';
  if (!spec || pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
  const name = spec.serviceAccountName || 'default';
  const account = context.get('serviceaccounts', namespace, name) as V1ServiceAccount | undefined;
  if (!account) return;
  if (!(spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)) return;
  const without = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(needsToken);
  if (without.length === 0) return;
  const volume = tokenVolume(context);
  spec.volumes = [...(spec.volumes ?? []), volume];
  for (const container of without) {
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { name: volume.name, readOnly: true, mountPath: tokenPath },
    ];
  }
}

function needsToken(container: V1Container): boolean {
  return !(container.volumeMounts ?? []).some(({ mountPath }) => mountPath === tokenPath);
}

function tokenVolume(context: KindContext): V1Volume {
  const character = (): string =>
    suffixCharacters[Math.floor(context.random() * suffixCharacters.length)] ?? 'x';
  const suffix = Array.from({ length: 5 }, character).join('');
  return {
    name: `kube-api-access-${suffix}`,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}
