import type { KubeObject } from '../../registry/kind.ts';

/** What the StorageObjectInUseProtection admission plugin does: a claim or volume that is deleted stays as long as it is used. */
export function protect({ metadata }: KubeObject, finalizer: string): void {
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), finalizer])];
}
