import { type Alias, type Document, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import { type Fault, type Finding, formatPath, type Path } from './fault.ts';
import type { Problem } from './problem.ts';
import { rangesOf } from './yaml-place.ts';
import { type StructureFault, structureFaults } from './yaml-structure.ts';
import { syntaxFault, TOO_DEEP } from './yaml-syntax.ts';

/** A YAML file that could be read: its values, and where each of them stands. */
export interface YamlSource {
  /** As plain JavaScript; undefined when the document cannot be resolved. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** A finding with its place in the file. */
  locate(finding: Finding): Problem;
}

/**
 * Reads the YAML documents of a text (1.2, with merge keys) and keeps where things stand. Never empty. Pure.
 *
 * @param what what the file should be, for the message about an empty one
 */
export function readYaml(text: string, file: string, what: string): YamlSource[] {
  const counter = new LineCounter();
  // Duplicate keys are found in yaml-structure.ts, which can say where the first one is.
  const options = { lineCounter: counter, prettyErrors: false, uniqueKeys: false, merge: true };
  const parsed = parseAllDocuments(text, options);
  const docs: Document[] = Array.isArray(parsed) ? parsed : [];
  const lines = text.split('\n');

  function place(fault: Fault, path: Path, from: number, to: number): Problem {
    const { line, col } = counter.linePos(Math.min(from, text.length));
    const source = lines[line - 1]?.replace(/\r$/, '');
    const length = Math.min(to - from, (source?.length ?? 0) - col + 1);
    const { message, rule, right } = fault;
    return {
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: formatPath(path),
      message,
      rule,
      right,
      source,
      length,
    };
  }

  const filled = docs.filter((doc) => doc.errors.length > 0 || !isEmpty(doc.contents));
  if (filled.length === 0) {
    const empty = {
      message: 'the file is empty',
      rule: `the file holds ${what}`,
      right: 'see topologies/iks.yaml, or let `lab init` write one',
    };
    const problem = { ...place(empty, [], 0, 0), source: undefined };
    return [{ value: undefined, problems: [problem], locate: () => problem }];
  }
  return filled.map((doc) => {
    const faults = doc.errors.length > 0 ? [syntaxFault(doc, text)] : shallow(doc, counter);
    const { value, faults: more } = faults.some((fault) => fault.fatal)
      ? { value: undefined, faults: [] }
      : resolved(doc);
    return {
      value,
      problems: [...faults, ...more].map((fault) => place(fault, [], fault.from, fault.to)),
      locate(finding) {
        const { key, value: at, exact } = rangesOf(doc.contents, doc, finding.path);
        // A missing key is its parent's fault: the parent's own key says where, its value may be the whole file.
        const range = (finding.at === 'key' || !exact ? key : undefined) ?? at ?? key;
        if (!range || (!exact && !key))
          return place(finding, finding.path, range?.[0] ?? 0, (range?.[0] ?? 0) + 1);
        return place(finding, finding.path, range[0], range[1]);
      },
    };
  });
}

function shallow(doc: Document, counter: LineCounter): StructureFault[] {
  try {
    return structureFaults(doc, counter);
  } catch (error) {
    // The parser's stack sufficed, this walk's did not.
    if (error instanceof RangeError) return [{ ...TOO_DEEP, from: 0, to: 1, fatal: true }];
    throw error;
  }
}

function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function resolved(doc: Document): { value: unknown; faults: StructureFault[] } {
  try {
    // Limits what a few nested aliases can grow into ("billion laughs").
    return { value: doc.toJS({ maxAliasCount: 1000 }), faults: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const [from = 0, to = 0] = lastAlias(doc)?.range ?? [];
    const message = /alias count/i.test(reason) ? 'the aliases multiply beyond bounds' : `YAML: ${reason}`;
    const rule = 'the aliases of a file stand for 1000 values at most';
    const right = 'the values written out, or fewer aliases inside aliases';
    return { value: undefined, faults: [{ message, rule, right, from, to, fatal: true }] };
  }
}

function lastAlias(doc: Document): Alias | undefined {
  let last: Alias | undefined;
  visit(doc, {
    Alias(_key, node) {
      last = node;
    },
  });
  return last;
}
