import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, HoplabError } from '../errors/index.ts';
import { closest } from '../topology/suggest.ts';
import { isScenario, type Scenario } from './definition.ts';
import type { ScenarioInfo } from './record.ts';

export interface LoadedScenario extends ScenarioInfo {
  readonly definition: Scenario;
}

/** The workshop's order: from inside a pod outwards. Chapters not named here come after, by name. */
const CHAPTERS = [
  'containers',
  'pods',
  'nodes',
  'routing',
  'outside',
  'services',
  'load-balancer',
  'conntrack',
  'dns',
  'policy',
  'ingress',
];

/**
 * Loads `DIR/<chapter>/<name>.ts`, in the order of the chapters, and of names in a chapter.
 * `<name>.part.ts` is no scenario but what several of them share.
 * @param filter names, `chapter/name`, chapters, or `figure-16`; none means all
 * @throws HoplabError when a file is no scenario or a filter selects nothing
 */
export async function loadScenarios(dir: string, filter: readonly string[] = []): Promise<LoadedScenario[]> {
  const found = await readdir(dir, { recursive: true });
  const files = found
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.(test|part|d)\.[cm]?[jt]s$/.test(file))
    .map((file) => join(dir, file));
  const all: LoadedScenario[] = [];
  for (const file of files) all.push(await loadScenario(dir, file));
  all.sort((a, b) => rank(a.chapter) - rank(b.chapter) || a.id.localeCompare(b.id));
  return select(all, filter);
}

async function loadScenario(dir: string, file: string): Promise<LoadedScenario> {
  const wrong = (message: string): HoplabError =>
    new HoplabError({
      code: 'E_SCENARIO_FILE',
      exitCode: EXIT.usage,
      message: `${file}: ${message}`,
      next: 'a scenario file ends with: export default scenario({ title, chapter, story })',
    });
  const module: { default?: unknown } = await import(pathToFileURL(file).href);
  const definition = module.default;
  if (!isScenario(definition)) throw wrong('its default export is no scenario');
  const chapter = relative(dir, dirname(file));
  if (definition.chapter !== chapter) {
    throw wrong(`it says chapter ${definition.chapter} and lies in ${chapter || '.'}`);
  }
  const name = basename(file).replace(/\.[cm]?[jt]s$/, '');
  const { title, figures, source, about, needs, pods } = definition;
  return {
    id: `${chapter}/${name}`,
    name,
    chapter,
    title,
    figures,
    source,
    about,
    needs,
    pods,
    file,
    definition,
  };
}

function rank(chapter: string): number {
  const at = CHAPTERS.indexOf(chapter);
  return at < 0 ? CHAPTERS.length : at;
}

/** Those that one of the filters names, in the order of the list. */
export function select<T extends ScenarioInfo>(all: readonly T[], filter: readonly string[]): T[] {
  if (filter.length === 0) return [...all];
  const names = (one: T, wanted: string): boolean =>
    one.id === wanted ||
    one.name === wanted ||
    one.chapter === wanted ||
    one.figures.some((figure) => wanted.toLowerCase() === `figure-${figure}`);
  for (const wanted of filter) {
    if (all.some((one) => names(one, wanted))) continue;
    const near = closest(wanted, new Set(all.flatMap(({ id, name, chapter }) => [id, name, chapter])));
    const list = 'name a scenario, a chapter or a figure (figure-16); `hoplab scenario list` shows all';
    throw new HoplabError({
      code: 'E_NO_SCENARIO',
      exitCode: EXIT.usage,
      message: `no scenario is called ${wanted}`,
      ...(near === undefined ? { detail: all.map((one) => one.id).join('\n') } : {}),
      next: near === undefined ? list : `did you mean ${near}? Otherwise: ${list}`,
    });
  }
  return all.filter((one) => filter.some((wanted) => names(one, wanted)));
}
