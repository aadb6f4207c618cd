import type { OciNamespace, Pod } from '../runtime/index.ts';

/** Namespaces of the pause process, which its containers join: the pod's own, save where the spec shares the node's. */
export function sandboxNamespaces(pod: Pod, netns: string): OciNamespace[] {
  const { hostNetwork, hostPID, hostIPC } = pod.spec;
  const namespaces: OciNamespace[] = [{ type: 'mount' }];
  if (!hostPID) namespaces.push({ type: 'pid' });
  if (!hostIPC) namespaces.push({ type: 'ipc' });
  // As in Kubernetes a hostNetwork pod has the node's host name too.
  if (!hostNetwork) namespaces.push({ type: 'uts' }, { type: 'network', path: netns });
  return namespaces;
}

/** Namespaces of a container: ipc, uts and network are the sandbox's; pid is its own unless the pod shares it. */
export function containerNamespaces(pod: Pod, netns: string, pausePid: number): OciNamespace[] {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const of = (type: 'ipc' | 'uts' | 'pid'): OciNamespace => ({ type, path: `/proc/${pausePid}/ns/${type}` });
  const namespaces: OciNamespace[] = [{ type: 'mount' }];
  if (!hostPID) namespaces.push(shareProcessNamespace ? of('pid') : { type: 'pid' });
  if (!hostIPC) namespaces.push(of('ipc'));
  if (!hostNetwork) namespaces.push(of('uts'), { type: 'network', path: netns });
  return namespaces;
}
