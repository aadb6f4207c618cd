import { join } from 'node:path';

/** Every place the runtime and the kubelet touch; tests point it elsewhere. */
export interface NodePaths {
  /** Survives a restart of the node: pod directories, overlays, bundles. */
  readonly state: string;
  /** Gone after a restart of the node (tmpfs): exit files, conmon's sockets, status.json. */
  readonly run: string;
  /** The shared, read-only image store. */
  readonly images: string;
  readonly logs: string;
  readonly netns: string;
  readonly manifests: string;
  readonly cniConf: string;
  readonly cniBin: string;
  /** Results of CNI ADD, where libcni keeps them. */
  readonly cniCache: string;
  readonly pauseBinary: string;
}

export const DEFAULT_PATHS: NodePaths = {
  state: '/var/lib/kubelet',
  run: '/run/kubelet',
  images: '/var/lib/hoplab/images',
  logs: '/var/log/pods',
  netns: '/run/netns',
  manifests: '/etc/kubernetes/manifests',
  cniConf: '/etc/cni/net.d',
  cniBin: '/opt/cni/bin:/usr/lib/cni',
  cniCache: '/var/lib/cni/results',
  pauseBinary: '/usr/local/bin/pause',
};

export const exitsDir = (paths: NodePaths): string => join(paths.run, 'exits');
/** conmon makes a link to the bundle here, named by the container's id: a socket's path has room for 107 bytes. */
export const conmonSocketsDir = (paths: NodePaths): string => join(paths.run, 'conmon');
export const podsDir = (paths: NodePaths): string => join(paths.state, 'pods');
export const podDir = (paths: NodePaths, uid: string): string => join(podsDir(paths), uid);

/** `/var/log/pods/NAMESPACE_NAME_UID`, as the real kubelet's (pkg/kubelet/kuberuntime/helpers.go). */
export function podLogDir(paths: NodePaths, namespace: string, name: string, uid: string): string {
  return join(paths.logs, `${namespace}_${name}_${uid}`);
}
