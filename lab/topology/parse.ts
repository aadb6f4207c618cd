import { dirname, join } from 'node:path';
import { buildTopology } from './build.ts';
import { readYaml } from './document.ts';
import { draftOf } from './draft.ts';
import { type ManifestReader, manifestProblems } from './manifest.ts';
import { type Problem, sortProblems } from './problem.ts';
import { ruleFindings } from './rules/index.ts';
import { topologySchema } from './schema.ts';
import { schemaFindings } from './schema-findings.ts';
import type { Topology } from './topology.ts';

/** A topology is written by hand; what is larger than this is some other file. */
export const MAX_BYTES = 1024 * 1024;

export interface Parsed {
  /** Only when there are no problems. */
  readonly topology?: Topology;
  /** All of them, by place. */
  readonly problems: readonly Problem[];
}

/** A problem of the file as a whole. */
export function wholeFile(file: string, message: string, rule: string, right: string): Parsed {
  return { problems: [{ file, line: 1, column: 1, path: '', message, rule, right }] };
}

/**
 * Reads a topology and reports every mistake in it. Pure, unless `readManifest` is not.
 *
 * @param text content of the file
 * @param file its path, as problems shall show it
 * @param readManifest reads the pod manifests the topology names; without it they are not looked at
 * @param path the path that becomes the topology's, when it is not the one shown
 */
export function parseTopology(
  text: string,
  file: string,
  readManifest?: ManifestReader,
  path = file,
): Parsed {
  if (Buffer.byteLength(text) > MAX_BYTES) return tooLarge(file, Buffer.byteLength(text));
  const [doc, second] = readYaml(text, file, 'a topology');
  if (!doc) return { problems: [] };
  if (second && doc.problems.length === 0) {
    const several = second.locate({
      path: [],
      message: 'a second document begins here',
      rule: 'a file holds one topology; `---` begins another document',
      right: 'a file for each topology',
    });
    return { problems: [several] };
  }
  if (doc.value === undefined) return { problems: sortProblems(doc.problems) };
  if (typeof doc.value !== 'object' || doc.value === null || Array.isArray(doc.value)) {
    const kind = Array.isArray(doc.value) ? 'a list' : 'a single value';
    const notMap = doc.locate({
      path: [],
      message: `the file holds ${kind}`,
      rule: 'a topology is a map',
      right: `keys such as ${Object.keys(topologySchema.shape).join(', ')}`,
    });
    return { problems: [notMap] };
  }

  const raw = withoutEmpty(doc.value);
  const result = topologySchema.safeParse(raw);
  const schema = result.success ? [] : schemaFindings(result.error.issues, raw);
  const draft = draftOf(raw, schema);
  const problems = [
    ...doc.problems,
    ...[...schema, ...ruleFindings(draft)].map((finding) => doc.locate(finding)),
  ];
  if (readManifest) {
    problems.push(...manifestProblems(draft, doc, readManifest, (path) => join(dirname(file), path)));
  }
  if (problems.length > 0 || !result.success) return { problems: sortProblems(problems) };
  return { topology: buildTopology(result.data, path), problems: [] };
}

export function tooLarge(file: string, bytes: number): Parsed {
  return wholeFile(
    file,
    `the file has ${bytes} bytes`,
    `a topology has at most ${MAX_BYTES} bytes (1 MiB); it was not read`,
    'the path of a topology, such as topologies/iks.yaml',
  );
}

/** Lists whose entries are all commented out are empty, not faulty. */
function withoutEmpty(value: object): object {
  const entries = Object.entries(value).filter(
    ([key, item]) => !(item === null && ['hosts', 'pods', 'apps'].includes(key)),
  );
  return Object.fromEntries(entries);
}
