import { networkInterfaces } from 'node:os';
import {
  addressClashes,
  type BuiltImage,
  type Engine,
  ensureImages,
  ensureImageVolume,
  ensureInStore,
  getFiles,
  type ImageName,
  imageTags,
  type LabObjects,
  listLab,
  subnetsOverlap,
} from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Steps } from '../output/index.ts';
import type { Topology } from '../topology/index.ts';
import { allSettled, applyPlan, type Made, readManifests, unmake } from './apply.ts';
import { withEvidence } from './evidence.ts';
import { imageNames, imagesFor, imagesToBring, standInEntries } from './images/index.ts';
import { readNodeManifests } from './manifests.ts';
import { type ClusterPki, completePki, PKI_STATE_PATH } from './pki/cluster-pki.ts';
import { type Plan, planLab } from './plan.ts';
import { waitReady } from './wait-ready.ts';
import { type LabImages, POD_IMAGES, wantedLab } from './wanted.ts';

export interface UpOptions {
  readonly topology: Topology;
  readonly dryRun: boolean;
  /** Keep what was made when a step fails. */
  readonly retain: boolean;
  /** Milliseconds until the lab must be ready. */
  readonly timeoutMs: number;
  readonly steps: Steps;
}

const LAB_IMAGES = ['node', ...POD_IMAGES] as const;
/** Those, and what the manifests ask for. */
type UpImages = LabImages & Readonly<Partial<Record<ImageName, BuiltImage>>>;

/**
 * Brings a lab to what its topology says: images, networks, containers, and then waits until every BGP session is
 * Established and every pod runs. What is right already is left alone.
 *
 * @returns what was to be done
 * @throws HoplabError; what this call made is removed again unless `retain`, and the evidence is kept
 */
export async function upLab(engine: Engine, options: UpOptions): Promise<Plan> {
  const { topology, steps } = options;
  await refuseClashes(engine, topology);
  const manifests = await readNodeManifests(topology);
  const refs = imagesToBring([...manifests.values()].flat().flatMap(({ content }) => imageNames(content)));
  const images = options.dryRun ? await tagsOnly() : await buildImages(engine, steps, imagesFor(refs));
  const actual = await listLab(engine, topology.name);
  const present = await readPki(engine, actual, topology);
  const pki = await completePki(topology, present);
  const identity = { pki, newAuthority: present === undefined };
  const wanted = wantedLab(topology, images, manifests, identity);
  const plan = planLab(wanted, actual, await readManifests(engine, actual));
  if (options.dryRun) return plan;
  const made: Made = { containers: [], networks: [], volumes: [] };
  // Before any container mounts it: Docker would make it without its label.
  await ensureImageVolume(engine);
  try {
    await allSettled<unknown>([
      applyPlan(engine, wanted, actual, plan, steps, made),
      ensureInStore(engine, [
        ...POD_IMAGES.map((name) => ({ ref: name, image: images[name].tag })),
        ...standInEntries(refs, images),
      ]),
    ]);
  } catch (error) {
    throw await withEvidence(engine, topology.name, error, async () => {
      if (options.retain) return 'what was made is kept (--retain): npm run lab down removes it';
      const left = await unmake(engine, made);
      if (left.length > 0) return `${left.join(', ')} could not be removed: npm run lab down`;
      return 'what this run had made is removed again; --retain keeps it';
    });
  }
  // Its volumes hold the API server's store.
  await waitReady(engine, wanted, identity.newAuthority && actual.volumes.length === 0, options);
  return plan;
}

/** The authority and tokens of a cluster that exists, from its control plane; undefined when there is none. */
async function readPki(
  engine: Engine,
  actual: LabObjects,
  topology: Topology,
): Promise<ClusterPki | undefined> {
  const control = topology.nodes.find(({ role }) => role === 'control-plane')?.name;
  const container = actual.containers.find(({ name }) => name === control);
  const files = container ? await getFiles(engine, container.id, PKI_STATE_PATH) : undefined;
  const text = files?.get(PKI_STATE_PATH)?.toString('utf8');
  return text ? (JSON.parse(text) as ClusterPki) : undefined;
}

async function refuseClashes(engine: Engine, topology: Topology): Promise<void> {
  const subnets = Object.values(topology.networks).map(({ subnet }) => subnet);
  refuseHostAddresses(engine, topology, subnets);
  const clashes = await addressClashes(engine, topology.name, subnets);
  if (clashes.length === 0) return;
  const labs = [...new Set(clashes.flatMap(({ lab }) => lab ?? []))];
  throw new HoplabError({
    code: 'E_ADDRESS_CLASH',
    message: `addresses of lab "${topology.name}" are in use by other Docker networks`,
    exitCode: EXIT.environment,
    detail: clashes
      .map((clash) => `${clash.subnet} overlaps ${clash.with} of network ${clash.network}`)
      .join('\n'),
    next:
      labs.length > 0
        ? `npm run lab down -- -n ${labs[0]}, or use a topology with other subnets`
        : `docker network rm ${clashes[0]?.network}, or use a topology with other subnets`,
  });
}

/**
 * A host that has an address of the lab's would answer for it on the lab's bridge (Linux answers ARP for all of its
 * addresses on every interface) and pass the lab's packets on to its own network.
 */
function refuseHostAddresses(engine: Engine, topology: Topology, subnets: readonly string[]): void {
  // Only an engine on this machine shares its addresses.
  if (!engine.host.startsWith('unix:')) return;
  const own = Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) =>
    addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => ({ device, address })),
  );
  const inside = own.flatMap(({ device, address }) =>
    subnets
      .filter((subnet) => subnetsOverlap(subnet, `${address}/32`))
      .map((subnet) => ({ device, address, subnet })),
  );
  if (inside.length === 0) return;
  throw new HoplabError({
    code: 'E_HOST_ADDRESS',
    message: `this machine has addresses of lab "${topology.name}" itself`,
    exitCode: EXIT.environment,
    detail: inside.map(({ device, address, subnet }) => `${address} of ${device} is in ${subnet}`).join('\n'),
    next: 'use a topology with other subnets (npm run lab init)',
  });
}

async function buildImages(engine: Engine, steps: Steps, more: readonly ImageName[]): Promise<UpImages> {
  let building = false;
  const notes = new Map<string, string>();
  const build = (note: (text: string) => void) =>
    ensureImages(engine, [...LAB_IMAGES, ...more], ({ image, text, state }) => {
      building = true;
      if (state === 'done') notes.delete(image);
      else notes.set(image, text);
      note(
        state === 'done'
          ? `${image} ${text}`
          : [...notes].map(([name, what]) => `${name}: ${what}`).join(' | '),
      );
    });
  const images = await steps.run('images', (step) => build((text) => step.note(text)));
  if (building) steps.say('   images are kept for the next time; `lab down --images` removes them');
  return images;
}

/** The tags images would have, for a dry run. */
async function tagsOnly(): Promise<UpImages> {
  const tags = await imageTags(LAB_IMAGES);
  return Object.fromEntries([...tags].map(([name, tag]) => [name, { tag, id: '' }])) as unknown as UpImages;
}
