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

/** Reads that must agree before a state counts as settled: a second. */
const SETTLED_READS = 4;

/**
 * Reads the state of the host and of the engine's objects, to be compared before and after. Network namespaces and the processes
 * that hold them go some time after the containers they were of, so the state is read until it no longer changes.
 *
 * @param expected also waited for, up to a deadline; what is there then is returned, whatever it is
 */
export async function hostState(expected?: HostState): Promise<HostState> {
  let last = '';
  let same = 0;
  for (let round = 0; ; round++) {
    const now = await readState();
    const text = JSON.stringify(now);
    same = text === last ? same + 1 : 1;
    last = text;
    const asExpected = expected === undefined || changes(expected, now).length === 0;
    if (round >= 40 || (same >= SETTLED_READS && asExpected)) return now;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * What has come and gone, in words: `+ interfaces: br-0123 UP`, `- routes: default via 10.0.0.1`.
 */
export function changes(before: HostState, after: HostState): string[] {
  const lines = (value: HostState[keyof HostState]) =>
    typeof value === 'string' ? value.split('\n') : value;
  return (Object.keys(before) as (keyof HostState)[]).flatMap((part) => {
    const [was, is] = [lines(before[part]), lines(after[part])];
    const came = is.filter((line) => !was.includes(line)).map((line) => `+ ${part}: ${line}`);
    // The engine takes up to a minute to let go of the namespaces of containers that ended before the test.
    if (part === 'namespaces') return came;
    return [...was.filter((line) => !is.includes(line)).map((line) => `- ${part}: ${line}`), ...came];
  });
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
