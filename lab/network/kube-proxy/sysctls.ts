import { readFile, writeFile } from 'node:fs/promises';
import type { Log } from '../../api/klog.ts';

export interface SysctlOptions {
  /** Answer node ports on 127.0.0.1: such packets leave the loopback and would be martians. */
  readonly localhostNodePorts: boolean;
  /** Seconds; Figure 67 shows an entry counting down from 86400. 0 leaves the kernel's. */
  readonly tcpTimeoutEstablished: number;
  /** Seconds. 0 leaves the kernel's. */
  readonly tcpTimeoutCloseWait: number;
}

/** Paths under /proc/sys and the values they are to have. */
export function wantedSysctls(options: SysctlOptions): readonly (readonly [path: string, value: number])[] {
  const timeouts = 'net/netfilter/nf_conntrack_tcp_timeout';
  const { localhostNodePorts, tcpTimeoutEstablished: established, tcpTimeoutCloseWait: wait } = options;
  return [
    ...(localhostNodePorts ? [['net/ipv4/conf/all/route_localnet', 1] as const] : []),
    ...(established > 0 ? [[`${timeouts}_established`, established] as const] : []),
    ...(wait > 0 ? [[`${timeouts}_close_wait`, wait] as const] : []),
  ];
}

/**
 * Sets what belongs to this network namespace. The size of the connection table does not: all namespaces of the host
 * share it, and it is read-only in all but the first (nf_conntrack since Linux 5.13), so that the real program is told
 * in containers to leave it alone (`--conntrack-max-per-core=0`).
 */
export async function applySysctls(options: SysctlOptions, log: Log, root = '/proc/sys'): Promise<void> {
  for (const [entry, value] of wantedSysctls(options)) {
    const path = `${root}/${entry}`;
    try {
      if ((await readFile(path, 'utf8')).trim() === String(value)) continue;
      log.info('Set sysctl', { entry, value });
      await writeFile(path, String(value));
    } catch (err) {
      log.error('Failed to set sysctl', { entry, value, err });
    }
  }
  const max = await readFile(`${root}/net/netfilter/nf_conntrack_max`, 'utf8').catch(() => 'unknown');
  log.info("Leaving nf_conntrack_max alone, it is the host's", { value: max.trim() });
}
