import { CommandError, follow, run } from '../../../node/shell/index.ts';
import { applyTunnel } from '../felix/index.ts';

/**
 * Gives tunl0 its MTU (bytes), its address and state where it has them not. As Felix does it again and again
 * (ipip_mgr.go, KeepIPIPDeviceInSync), but at events.
 *
 * @returns false when there is no tunl0
 */
export async function configureTunnel(address: string, mtu: number): Promise<boolean> {
  try {
    if (!isTunnel(await run(['ip', '-j', 'link', 'show', 'dev', 'tunl0']))) return false;
    await applyTunnel(address, mtu);
    return true;
  } catch (error) {
    if (error instanceof CommandError && saysGone(error.stderr)) return false;
    throw error;
  }
}

/**
 * True when `ip -j link` shows a tunl0 that is complete. tunl0d's device is of link type `none` for its first
 * moments, and it must stay down until it has become `ipip` (TUNSETLINK); another event tells of that.
 */
export function isTunnel(json: string): boolean {
  const [link] = JSON.parse(json) as { link_type?: string }[];
  return link?.link_type === 'ipip';
}

/** True for what iproute2 says of a device that went away before or while it was worked on. */
export function saysGone(stderr: string): boolean {
  return /Device "tunl0" does not exist|Cannot find device "tunl0"/.test(stderr);
}

/** True for a line of `ip monitor link` about tunl0: `Deleted 2: tunl0: <...`, `3: tunl0@NONE: <...`. */
export function isTunnelEvent(line: string): boolean {
  return /^(Deleted )?\d+: tunl0[:@]/.test(line);
}

/**
 * Makes BIRD ask its peers for their routes again (RFC 2918). Routes that it had when tunl0 went it puts back by
 * itself at its next scan of the kernel's; but what came while there was no tunl0, its import filter has refused.
 */
export async function readRoutesAgain(): Promise<void> {
  await run(['birdc', 'reload', 'in', 'all']);
}

/**
 * Follows the kernel's news of tunl0: it vanishes when tunl0d ends, and comes back bare.
 *
 * @param onEvent called after each change of the device
 * @param onExit called when the following itself ended
 */
export function followTunnel(onEvent: () => void, onExit: (reason: string) => void): void {
  const monitor = follow(['ip', 'monitor', 'link'], (line) => {
    if (isTunnelEvent(line)) onEvent();
  });
  let ended = false;
  const end = (reason: string) => {
    if (!ended) onExit(reason);
    ended = true;
  };
  monitor.on('error', (error) => end(error.message));
  monitor.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
}
