import {
  createContainer,
  type Engine,
  ensureImages,
  getFiles,
  LABEL,
  listLab,
  removeContainer,
  startContainer,
} from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import { BROWSER } from '../scenario/index.ts';
import { type RunningLab, runningContainer } from './find-lab.ts';

/** Where `browse` (images/browser) puts its screenshots. */
const SCREENSHOTS = '/screenshots';

/**
 * Starts a browser on the network of one of the lab's machines: it has that machine's addresses, routes and names. It
 * is a container of its own that `down` removes like the others; its image is built when it is asked for first.
 *
 * @param host the machine's name, e.g. `client`
 * @param note receives a line when the image has to be built, and when it is
 * @throws HoplabError when there is no such machine, or it does not run; E_USAGE when the topology has one named browser
 */
export async function startBrowser(
  engine: Engine,
  lab: RunningLab,
  host: string,
  note: (line: string) => void,
): Promise<void> {
  const { id } = runningContainer(lab, host);
  const { topology } = lab;
  if ([...Object.keys(topology.hosts), ...topology.nodes.map(({ name }) => name)].includes(BROWSER)) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `the topology has a machine of its own that is named ${BROWSER}`,
      exitCode: EXIT.usage,
    });
  }
  const images = await ensureImages(engine, ['browser'], ({ image, state, text }) => {
    if (state !== 'step') note(`image ${image}: ${text}`);
  });
  // One that a killed run left behind may be on the network of a host that has been made anew since.
  await removeBrowser(engine, lab.name);
  const container = await createContainer(engine, {
    lab: lab.name,
    name: BROWSER,
    role: 'host',
    image: images.browser.tag,
    labels: { [LABEL.browser]: host },
    networks: [],
    networkOf: id,
    capDrop: ['ALL'],
    noNewPrivileges: true,
    stopTimeout: 0,
  });
  await startContainer(engine, container);
}

/**
 * Ends the browser; none there is no error.
 *
 * @returns its screenshots by file name
 */
export async function stopBrowser(engine: Engine, lab: string): Promise<Map<string, Uint8Array>> {
  const screenshots = new Map<string, Uint8Array>();
  const { containers } = await listLab(engine, lab);
  const found = containers.find(isBrowser);
  if (!found) return screenshots;
  const files = await getFiles(engine, found.id, SCREENSHOTS);
  for (const [path, content] of files ?? []) screenshots.set(path.slice(SCREENSHOTS.length + 1), content);
  await removeBrowser(engine, lab);
  return screenshots;
}

const isBrowser = ({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean =>
  labels[LABEL.browser] !== undefined;

async function removeBrowser(engine: Engine, lab: string): Promise<void> {
  const { containers } = await listLab(engine, lab);
  for (const { id } of containers.filter(isBrowser)) await removeContainer(engine, id);
}
