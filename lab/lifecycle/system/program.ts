/** The image name that stands for the node's own root file system. */
export const NODE_IMAGE_REF = 'hoplab/node';

/** The label by which the addon manager knows what is its own. */
export const ADDON = { 'addonmanager.kubernetes.io/mode': 'Reconcile' } as const;

/** A program of the node image that runs as a pod. */
export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  /** Name and path of directories of the node that it works on. */
  readonly hostPaths?: readonly (readonly [name: string, path: string])[];
  /** Added to the container as it stands. */
  readonly container?: object;
  /** Added to the pod's spec as it stands. */
  readonly spec?: object;
}

const hostVolumes = (paths: Program['hostPaths'] = []) =>
  paths.map(([name, path]) => ({ name, hostPath: { path, type: 'DirectoryOrCreate' } }));
const hostMounts = (paths: Program['hostPaths'] = []) =>
  paths.map(([name, mountPath]) => ({ name, mountPath }));

/** The pod spec of a program with the host's network and the node's directories, as system DaemonSets have. */
export function hostPodSpec(program: Program): object {
  return {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    terminationGracePeriodSeconds: 5,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: program.name,
        image: NODE_IMAGE_REF,
        command: program.command,
        securityContext: { privileged: true },
        volumeMounts: hostMounts(program.hostPaths),
        ...program.container,
      },
    ],
    volumes: hostVolumes(program.hostPaths),
    ...program.spec,
  };
}

/** Where an object of a system lives and what it is called. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One pod on every node. */
export function daemonSet({ namespace, name, labels }: Place, spec: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace, name, labels: { ...labels, ...ADDON } },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: { metadata: { labels }, spec },
    },
  };
}

/** A number of pods somewhere. */
export function deployment({ namespace, name, labels }: Place, replicas: number, spec: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels: { ...labels, ...ADDON } },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
