import { run } from './exec.ts';
import type { Attachment } from './result.ts';

/** Where a private mount of sysfs goes: the node's own is read-only, and shows one network namespace only. */
const AT = '/mnt';

/** The shell text that sets an interface's RPS mask through a sysfs of the namespace it runs in. */
function setMask(interfaceName: string, mask: string): string {
  const file = `${AT}/class/net/${interfaceName}/queues/rx-0/rps_cpus`;
  return `mount -t sysfs sysfs ${AT} && mount -o remount,rw ${AT} && echo ${mask} >${file}`;
}

/** The whole command line: both ends in one chain, each in mount namespaces of its own, so that nothing stays mounted. */
export function steerCommand(made: Attachment, mask: string): string[] {
  const pod = `nsenter --net=${made.netns} unshare -m sh -c '${setMask(made.podInterface, mask)}'`;
  return ['unshare', '-m', 'sh', '-c', `${setMask(made.hostInterface, mask)}; umount ${AT}; ${pod}`];
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
