import type { LabContainer } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import type { Node } from '../../topology/index.ts';
import { type RunningLab, runningContainer } from '../find-lab.ts';

/** The kubeconfig of the lab's user on the control-plane node, where kubeadm puts it. */
export const ADMIN_CONF = '/etc/kubernetes/admin.conf';

/**
 * The node with the API server, and its container.
 *
 * @throws HoplabError E_NO_CONTROL_PLANE when the topology has none, E_NOT_RUNNING when it is stopped
 */
export function controlPlane(lab: RunningLab): { readonly node: Node; readonly container: LabContainer } {
  const node = lab.topology.nodes.find(({ role }) => role === 'control-plane');
  if (!node) {
    throw new HoplabError({
      code: 'E_NO_CONTROL_PLANE',
      message: `lab "${lab.name}" has no node of role control-plane, so it has no Kubernetes API`,
      exitCode: EXIT.environment,
      next: `give one of the nodes in ${lab.topology.file} "role: control-plane", then npm run lab up`,
    });
  }
  return { node, container: runningContainer(lab, node.name) };
}
