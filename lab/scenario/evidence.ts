import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabAccess, Target } from './access.ts';
import { type Clock, within } from './clock.ts';

/** One fixed dump, so that two failures can be compared by diff. */
const EVERYWHERE = [
  'ip -d addr',
  'ip route show table all',
  'ip rule',
  'ip neigh',
  'iptables-save -c',
  'conntrack -L',
  'ss -tunap',
];
const ON_NODES = [
  'ip -s link',
  'ip netns',
  'ipset list',
  'birdc show protocols all',
  'birdc show route all',
  'cat /etc/calico/confd/config/bird.cfg',
  'cat /run/kubelet/status.json',
  'cat /run/calico/status.json',
  'ps -e -o pid,ppid,stat,etime,args',
  'for log in /var/log/pods/*/*/*.log /var/log/*.log; do [ -f "$log" ] && echo "== $log" && tail -n 60 "$log"; done; true',
];
const EACH_MS = 10_000;

export interface EvidenceFile {
  readonly name: string;
  readonly text: string | Uint8Array;
}

/** Directory of a scenario's evidence. */
export function evidenceDir(outputDir: string, lab: string, scenario: string): string {
  return join(outputDir, lab, ...scenario.split('/'));
}

/** Takes away what an earlier run left there. */
export async function clearEvidence(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
}

/**
 * The state of every node, the router and the hosts, one file each. What cannot be had is said in the file; this never
 * throws, because it runs while another failure is being reported.
 */
export async function collectEvidence(access: LabAccess, clock: Clock): Promise<EvidenceFile[]> {
  const { nodes, router, hosts } = access.topology;
  const targets: { target: Target; commands: readonly string[] }[] = [
    ...nodes.map(({ name }) => ({ target: name, commands: [...EVERYWHERE, ...ON_NODES] })),
    { target: router.name, commands: EVERYWHERE },
    ...Object.keys(hosts).map((target) => ({ target, commands: EVERYWHERE })),
  ];
  return Promise.all(
    targets.map(async ({ target, commands }) => {
      const parts: string[] = [];
      for (const command of commands) {
        const text = await dump(access, clock, target, command);
        parts.push(`# ${command}\n${text}`);
        if (text.startsWith('(not reached')) break;
      }
      return { name: `${target}.txt`, text: parts.join('\n') };
    }),
  );
}

async function dump(access: LabAccess, clock: Clock, target: Target, command: string): Promise<string> {
  try {
    const work = access.exec(target, command, { timeoutMs: EACH_MS });
    const { code, stdout, stderr } = await within(clock, EACH_MS, command, work);
    return `${stdout}${stderr}${code === 0 ? '' : `(exit code ${code})\n`}`;
  } catch (error) {
    return `(not reached: ${error instanceof Error ? error.message : String(error)})\n`;
  }
}

export async function writeEvidence(dir: string, files: readonly EvidenceFile[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  await Promise.all(files.map(({ name, text }) => writeFile(join(dir, name.replaceAll('/', '_')), text)));
}
