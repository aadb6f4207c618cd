const OWN_KUBECTL = 'npm run lab kubeconfig, then your own kubectl';

/**
 * What a user should know before a command runs that behaves otherwise inside the node's container.
 *
 * @param carried whether the ports that it listens on answer on this machine too
 */
export function noteBefore(command: string | undefined, node: string, carried: boolean): string | undefined {
  if (carried || (command !== 'port-forward' && command !== 'proxy')) return undefined;
  return `note: ${command} listens inside ${node}, not on this machine; from here: ${OWN_KUBECTL}`;
}

/** What may help after a command that failed. */
export function noteAfter(command: string | undefined, node: string): string | undefined {
  if (command !== 'edit') return undefined;
  return `note: the editor runs in ${node}, where KUBE_EDITOR='sed -i s/a/b/' finds its program; for your own: ${OWN_KUBECTL}`;
}
