import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/objects/index.ts';

/** An event on the Deployment. */
export interface DeploymentEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** One write of a Deployment's sync; they are made in order, and a refused one ends the sync. */
export type Step =
  | { readonly do: 'createReplicaSet'; readonly replicaSet: ReplicaSet; readonly event?: DeploymentEvent }
  | { readonly do: 'updateReplicaSet'; readonly replicaSet: ReplicaSet; readonly event?: DeploymentEvent }
  | { readonly do: 'deleteReplicaSet'; readonly replicaSet: ReplicaSet }
  | {
      readonly do: 'updateStatus';
      readonly annotations?: Record<string, string>;
      readonly status: DeploymentStatus;
    };

/** A Deployment's sync under way: steps so far, and the Deployment as it will be after them. */
export class Plan {
  readonly steps: Step[] = [];
  deployment: Deployment;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
  }

  /**
   * Writes status and annotations, once in a sync: what comes later is left to the next sync, which sees what this one's writes
   * have brought about. (The real controller runs into a conflict there, with the same effect.)
   */
  updateStatus(status: DeploymentStatus, annotations?: Record<string, string>): void {
    if (this.steps.some((step) => step.do === 'updateStatus')) return;
    const { metadata } = this.deployment;
    this.steps.push({ do: 'updateStatus', status, ...(annotations ? { annotations } : {}) });
    this.deployment = {
      ...this.deployment,
      status,
      metadata: annotations ? { ...metadata, annotations } : metadata,
    };
  }
}
