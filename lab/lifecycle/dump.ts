import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, containerLog, type Engine, listLab } from '../engine/index.ts';
import { ADMIN_CONF } from './kubectl/control-plane.ts';

interface Diagnostic {
  readonly file: string;
  readonly command: string;
  /** Empty files are kept out: most containers are no control plane. */
  readonly optional?: boolean;
}

/** The cluster as its API tells it, from the one node that has the administrator's kubeconfig. */
const api = (get: string): string =>
  `! [ -f ${ADMIN_CONF} ] || kubectl --kubeconfig=${ADMIN_CONF} --request-timeout=5s get ${get} --all-namespaces 2>&1`;

/** What is kept of every container of a lab when something fails, in the order of Felix's own diagnostics. */
export const DIAGNOSTICS: readonly Diagnostic[] = [
  { file: 'addresses.txt', command: 'ip -d addr' },
  { file: 'routes.txt', command: 'ip route show table all' },
  { file: 'neighbours.txt', command: 'ip neigh' },
  { file: 'iptables.txt', command: 'iptables-save; ipset list 2>/dev/null' },
  { file: 'conntrack.txt', command: 'conntrack -L 2>&1' },
  { file: 'bird.txt', command: 'birdc show protocols all 2>&1; birdc show route all 2>&1' },
  { file: 'kubelet.json', command: 'cat /run/kubelet/status.json' },
  { file: 'calico.json', command: 'cat /run/calico/status.json' },
  { file: 'processes.txt', command: 'ps -ef' },
  { file: 'pod-logs.txt', command: 'tail -n 200 /var/log/pods/*/*/*.log 2>/dev/null' },
  { file: 'api-events.txt', command: api('events --sort-by=.metadata.creationTimestamp'), optional: true },
  {
    file: 'api-objects.txt',
    command: api(
      'nodes,pods,deployments,daemonsets,services,endpointslices,ingresses,networkpolicies -o wide',
    ),
    optional: true,
  },
  {
    file: 'api-objects.yaml',
    command: api('pods,services,endpointslices,ingresses,networkpolicies,configmaps -o yaml'),
    optional: true,
  },
];

/**
 * Writes the state and the log of every container of a lab to a new folder.
 *
 * @param parent folder that gets it; the system's temporary folder by default
 * @returns the folder's path
 */
export async function dumpLab(engine: Engine, lab: string, parent = tmpdir()): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const folder = join(parent, `hoplab-${lab}-${stamp}`);
  const { containers } = await listLab(engine, lab);
  await mkdir(folder, { recursive: true });
  // Each container by itself: one that cannot be asked must not cost the evidence of the others.
  await Promise.allSettled(
    containers.map(async ({ id, name, state }) => {
      const own = join(folder, name);
      await mkdir(own, { recursive: true });
      await writeFile(join(own, 'container.log'), await containerLog(engine, id, { tail: 1000 }));
      if (state !== 'running') return;
      await Promise.allSettled(
        DIAGNOSTICS.map(async ({ file, command, optional }) => {
          const { stdout, stderr } = await capture(engine, id, ['/bin/sh', '-c', command]);
          if (optional && stdout === '') return;
          await writeFile(join(own, file), `$ ${command}\n${stdout}${stderr}`);
        }),
      );
    }),
  );
  return folder;
}
