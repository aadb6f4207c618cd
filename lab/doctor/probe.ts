import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { capture, type Engine, engineMessage, LABEL, removeContainer } from '../engine/index.ts';
import { PROBE_SCRIPT, type Presence, readModules, readProbe } from './capabilities.ts';

export interface ProbeResult {
  readonly found: ReadonlyMap<string, Presence>;
  readonly by: string;
}

/**
 * Finds out what the engine's kernel can do: in a container of the node image if there is one, else as root in a
 * network namespace of this machine, else from its lists of modules.
 */
export async function probeKernel(engine: Engine | undefined): Promise<ProbeResult> {
  const image = engine && (await someNodeImage(engine));
  if (engine && image)
    return { found: await probeInContainer(engine, image), by: `tried in a container of ${image}` };
  // With no engine yet, or a local one, this machine's kernel is the one containers will run on.
  if (process.platform === 'linux' && (!engine || engine.host.startsWith('unix://'))) {
    const tried = process.getuid?.() === 0 ? probeInNamespace() : undefined;
    if (tried) return { found: tried, by: 'tried in a network namespace of this machine' };
    const folder = `/lib/modules/${release()}`;
    const available = `${read(`${folder}/modules.builtin`)}\n${read(`${folder}/modules.dep`)}`;
    return {
      found: readModules(read('/proc/modules'), available),
      by: 'from the lists of modules; `lab up` builds the node image, with which all can be tried',
    };
  }
  return { found: new Map(), by: 'not known before `lab up` has built the node image' };
}

async function someNodeImage(engine: Engine): Promise<string | undefined> {
  const images = await engine.docker.listImages({ filters: JSON.stringify({ reference: ['hoplab/node'] }) });
  return images.sort((a, b) => b.Created - a.Created)[0]?.RepoTags?.[0];
}

async function probeInContainer(engine: Engine, image: string): Promise<Map<string, Presence>> {
  const create = (devices: string[]) =>
    engine.docker.createContainer({
      Image: image,
      Entrypoint: ['sleep', '60'],
      Cmd: [],
      Labels: { [LABEL.helper]: 'doctor' },
      HostConfig: {
        NetworkMode: 'none',
        CapAdd: ['NET_ADMIN'],
        Devices: devices.map((path) => ({
          PathOnHost: path,
          PathInContainer: path,
          CgroupPermissions: 'rwm',
        })),
      },
    });
  const run = async (devices: string[]): Promise<Map<string, Presence>> => {
    const container = await create(devices);
    try {
      await container.start();
      return readProbe((await capture(engine, container.id, ['/bin/sh', '-c', PROBE_SCRIPT])).stdout);
    } finally {
      await removeContainer(engine, container.id);
    }
  };
  // A host without the device refuses the container: then `tun` is what comes out as lacking.
  return run(['/dev/net/tun']).catch((error: unknown) => {
    if (/net\/tun/.test(engineMessage(error))) return run([]);
    throw error;
  });
}

function probeInNamespace(): Map<string, Presence> | undefined {
  const result = spawnSync(
    'unshare',
    ['--net', '/bin/sh', '-c', `command -v ip tc iptables >/dev/null || exit 1\n${PROBE_SCRIPT}`],
    { encoding: 'utf8' },
  );
  return result.status === 0 ? readProbe(result.stdout) : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
