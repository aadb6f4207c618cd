import { run } from './exec.ts';
import type { Attachment } from './result.ts';

/** A program of the node image's (images/node/native/cni/steer.c): sysfs has to be mounted in both network namespaces. */
export function steerCommand(made: Attachment, mask: string): string[] {
  return ['veth-steer', mask, made.hostInterface, made.netns, made.podInterface];
}

/**
 * Has what arrives at either end of a veth pair handled by one processor (Receive Packet Steering, Linux
 * networking/scaling.rst). Left alone, the kernel handles it where the sender happened to run: a sender that moves
 * between processors overtakes itself, and TCP takes the disorder for loss. On one node that costs a fifth of the
 * throughput. Calico does not do this; nothing that a packet shows depends on it.
 *
 * @param mask processors as a hexadecimal mask, e.g. `2`
 * @returns what went wrong; a node that may not mount sysfs is only slower
 */
export function steer(made: Attachment, mask: string): string | undefined {
  const done = run(steerCommand(made, mask));
  return done.ok ? undefined : done.stderr.trim();
}
