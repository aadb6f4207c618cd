import type { Engine } from './connect.ts';
import { removeContainer } from './containers.ts';
import { asking } from './errors.ts';
import { capture } from './exec.ts';
import { IMAGE_VOLUME } from './image-store.ts';
import { LABEL } from './labels.ts';
import { HOPLAB_VERSION } from './version.ts';

/** How long an image stays that no reference names any more, seconds. */
export const UNUSED_AGE = 600;

/** What is in the store's volume. */
export interface StoreContent {
  /** Ids of unpacked images, whole or half. */
  readonly images: readonly string[];
  /** Ids that references name. */
  readonly referenced: ReadonlySet<string>;
  /** When an image was first seen without a reference, seconds since 1970. */
  readonly marked: ReadonlyMap<string, number>;
}

export interface StoreCleanup {
  readonly mark: readonly string[];
  readonly unmark: readonly string[];
  readonly remove: readonly string[];
}

/**
 * An image goes when no reference has named it for {@link UNUSED_AGE} and no container of a running node has it as its
 * root file system. Two looks so far apart, so that a pod that has just found the image under its old reference has
 * mounted it by then, and an image that is being unpacked has got its reference.
 *
 * @param mounted ids that containers of running nodes use
 * @param now seconds since 1970
 */
export function planCleanup(content: StoreContent, mounted: ReadonlySet<string>, now: number): StoreCleanup {
  const { images, referenced, marked } = content;
  const unused = images.filter((id) => !referenced.has(id) && !mounted.has(id));
  const old = (id: string) => now - (marked.get(id) ?? now) >= UNUSED_AGE;
  return {
    mark: unused.filter((id) => !marked.has(id)),
    unmark: [...marked.keys()].filter((id) => !unused.includes(id)),
    remove: unused.filter(old),
  };
}

const ID = /^[0-9a-f]{64}$/;

/** Reads what {@link LIST} printed. */
export function parseStore(text: string): StoreContent {
  const images: string[] = [];
  const referenced = new Set<string>();
  const marked = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [what, id = '', time] = line.trim().split(' ');
    if (!ID.test(id)) continue;
    if (what === 'image') images.push(id);
    if (what === 'ref') referenced.add(id);
    if (what === 'unused') marked.set(id, Number(time));
  }
  return { images, referenced, marked };
}

/** @returns ids of the images that overlays of a mount table have as their lower layer. */
export function mountedImages(mounts: string): Set<string> {
  return new Set([...mounts.matchAll(/lowerdir=[^, ]*?([0-9a-f]{64})\/rootfs/g)].map(([, id]) => id ?? ''));
}

const LIST = `cd /store
for d in *; do [ -d "$d/rootfs" ] && echo "image $d"; done
for f in unused/*; do [ -f "$f" ] && echo "unused \${f#unused/} $(stat -c %Y "$f")"; done
sed -n 's/.*"id":"\\([0-9a-f]*\\)".*/ref \\1/p' refs/*.json 2>/dev/null
echo "now $(date +%s)"`;

/**
 * Removes unpacked images that nobody uses from the store, also while labs run. Nothing is removed when a running node
 * cannot be asked what it uses.
 *
 * @param image the lab's own, with a shell
 * @returns ids of the images that are gone
 */
export async function collectImages(engine: Engine, image: string): Promise<readonly string[]> {
  const listing = await inStore(engine, image, LIST);
  const now = Number(/^now (\d+)/m.exec(listing)?.[1]);
  const content = parseStore(listing);
  if (!Number.isFinite(now) || content.images.every((id) => content.referenced.has(id))) return [];
  const mounted = await imagesInUse(engine);
  if (mounted === undefined) return [];
  const { mark, unmark, remove } = planCleanup(content, mounted, now);
  const script = [
    'cd /store; mkdir -p unused',
    ...mark.map((id) => `: >unused/${id}`),
    ...[...unmark, ...remove].map((id) => `rm -f unused/${id}`),
    // Out of sight in one step: a reference that comes now finds no image rather than half of one.
    ...remove.map((id) => `mv ${id} .${id} && rm -rf .${id}`),
  ];
  if (mark.length + unmark.length + remove.length > 0) await inStore(engine, image, script.join('\n'));
  return remove;
}

/** Ids that running nodes of any lab have mounted; undefined when one of them cannot be asked. */
async function imagesInUse(engine: Engine): Promise<Set<string> | undefined> {
  const filters = { label: [`${LABEL.role}=node`], status: ['running'] };
  const nodes = await asking('nodes cannot be listed', ['docker', 'ps'], () =>
    engine.docker.listContainers({ filters }),
  );
  const answers = await Promise.all(
    nodes.map(({ Id }) =>
      capture(engine, Id, ['cat', '/proc/self/mounts']).catch(() => ({ code: -1, stdout: '' })),
    ),
  );
  if (answers.some(({ code }) => code !== 0)) return undefined;
  return new Set(answers.flatMap(({ stdout }) => [...mountedImages(stdout)]));
}

/** Runs a script in a container that has the store and nothing else. @returns what it printed */
async function inStore(engine: Engine, image: string, script: string): Promise<string> {
  const what = ['docker', 'run', '--rm', '-v', `${IMAGE_VOLUME}:/store`, image, 'sh'];
  return asking('the image store cannot be cleaned up', what, async () => {
    const container = await engine.docker.createContainer({
      Image: image,
      Entrypoint: ['sh', '-c', script],
      Labels: { [LABEL.helper]: 'image-gc', [LABEL.version]: HOPLAB_VERSION },
      NetworkDisabled: true,
      // A terminal: what is printed comes as it is, without the engine's frames.
      Tty: true,
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'volume', Source: IMAGE_VOLUME, Target: '/store' }],
      },
    });
    try {
      await container.start();
      await container.wait();
      const said = await container.logs({ stdout: true, stderr: true, follow: false });
      return said.toString('utf8').replaceAll('\r', '');
    } finally {
      await removeContainer(engine, container.id);
    }
  });
}
