import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connectEngine } from '../../lab/engine/index.ts';

const run = promisify(execFile);

/** What a lab could leave behind on the host. Counters are cut off: other traffic moves them. */
export interface HostState {
  readonly interfaces: string;
  readonly routes: string;
  readonly namespaces: string;
  readonly iptables: string;
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/** The volume of unpacked images is shared by all labs and stays, as Docker's images do. */
const KEPT_VOLUMES = new Set(['hoplab-images']);

async function output(argv: readonly string[]): Promise<string> {
  const [program = '', ...args] = argv;
  return run(program, args)
    .then(({ stdout }) => stdout)
    .catch((error: Error) => `cannot be read: ${error.message}`);
}

/**
 * Reads the state of the host and of the engine's objects, to be compared before and after. The kernel takes network
 * namespaces apart some time after their last process has gone, so the state is read until it no longer changes.
 */
export async function hostState(): Promise<HostState> {
  let before = await readState();
  for (let round = 0; round < 20; round++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = await readState();
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
  return before;
}

async function readState(): Promise<HostState> {
  const { docker } = await connectEngine();
  const [links, routes, netns, iptables, containers, networks, volumes] = await Promise.all([
    output(['ip', '-br', 'link']),
    output(['ip', 'route', 'show', 'table', 'all']),
    output(['lsns', '-t', 'net', '-n', '-o', 'NS']),
    output(['iptables-save']),
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
  ]);
  return {
    interfaces: links.replaceAll(/@\S+/g, ''),
    routes,
    namespaces: netns,
    iptables: iptables.replaceAll(/^#.*$/gm, '').replaceAll(/\[\d+:\d+\]/g, ''),
    containers: containers.map(({ Names }) => Names.join()).sort(),
    networks: networks.map(({ Name }) => Name).sort(),
    volumes: (volumes.Volumes ?? [])
      .map(({ Name }) => Name)
      .filter((name) => !KEPT_VOLUMES.has(name))
      .sort(),
  };
}
