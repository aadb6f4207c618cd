import { type ApiClient, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../../api/client/index.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/objects/index.ts';

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';

/** The writes by which a claim and a volume come together and part. */
export class VolumeWrites {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** First the volume is reserved, then the claim points to it; a crash in between is taken up where it was. */
  async bind(claim: PersistentVolumeClaim, found: PersistentVolume): Promise<void> {
    let volume = found;
    const { name = '', namespace = '', uid = '' } = claim.metadata;
    if (volume.spec.claimRef?.uid !== uid) {
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
      const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
      const metadata = { ...volume.metadata, annotations };
      const reserved = { ...volume, metadata, spec: { ...volume.spec, claimRef } };
      volume = await this.#client.update<PersistentVolume>(PERSISTENT_VOLUMES, reserved);
    }
    if (volume.status?.phase !== 'Bound') {
      volume = await this.#client.updateStatus<PersistentVolume>(PERSISTENT_VOLUMES, {
        ...volume,
        status: { phase: 'Bound' },
      });
    }
    const annotations = {
      ...claim.metadata.annotations,
      [BIND_COMPLETED]: 'yes',
      [BOUND_BY_CONTROLLER]: 'yes',
    };
    const bound = await this.#client.update<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, {
      ...claim,
      metadata: { ...claim.metadata, annotations },
      spec: { ...claim.spec, volumeName: volume.metadata.name ?? '' },
    });
    await this.claimStatus(bound, 'Bound', volume);
  }

  async claimStatus(claim: PersistentVolumeClaim, phase: string, volume?: PersistentVolume): Promise<void> {
    const { accessModes = [], capacity = {} } = volume?.spec ?? {};
    const status = { ...claim.status, phase, ...(volume ? { accessModes, capacity } : {}) };
    await this.#client.updateStatus<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, { ...claim, status });
  }

  async unprotectVolume({ metadata, status }: PersistentVolume): Promise<void> {
    const rest = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== VOLUME_PROTECTION);
    if (status?.phase === 'Bound' || rest.length === (metadata.finalizers ?? []).length) return;
    const patch = { metadata: { uid: metadata.uid, finalizers: rest.length > 0 ? rest : null } };
    await this.#client.patch(PERSISTENT_VOLUMES, metadata.name ?? '', undefined, patch);
  }

  async volumePhase(volume: PersistentVolume, phase: string): Promise<void> {
    if (volume.status?.phase === phase) return;
    await this.#client.updateStatus<PersistentVolume>(PERSISTENT_VOLUMES, {
      ...volume,
      status: { ...volume.status, phase },
    });
  }
}
