import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { ManifestText } from './manifest.ts';
import { MAX_BYTES, type Parsed, parseTopology, tooLarge, wholeFile } from './parse.ts';
import { renderProblems } from './problem.ts';
import type { Topology } from './topology.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of its path is no directory',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code || String(error));
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readManifest(path: string): ManifestText {
  try {
    if (statSync(path).size > MAX_BYTES) return { error: `it is larger than ${MAX_BYTES} bytes` };
    const text = decode(readFileSync(path));
    return text === undefined ? { error: 'it is not UTF-8 text' } : { text };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

/**
 * Reads and checks a topology file and the manifests it names.
 *
 * @param file path, shown in problems as it is
 * @param cwd folder that a relative path starts from
 */
export function checkTopologyFile(file: string, cwd = process.cwd()): Parsed {
  const path = resolve(cwd, file);
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) return tooLarge(file, size);
    bytes = readFileSync(path);
  } catch (error) {
    return wholeFile(
      file,
      `cannot be read: ${reasonOf(error)}`,
      'a topology is a file',
      'the path of a topology, such as topologies/iks.yaml',
    );
  }
  const text = decode(bytes);
  if (text === undefined) {
    return wholeFile(
      file,
      'the file is not UTF-8 text',
      'a topology is a text file in UTF-8',
      'the path of a topology, such as topologies/iks.yaml',
    );
  }
  return parseTopology(text, file, (name) => readManifest(resolve(dirname(path), name)), path);
}

/**
 * A topology file, checked.
 *
 * @throws HoplabError `E_TOPOLOGY` (exit code 2) with all its mistakes
 */
export async function loadTopology(file: string): Promise<Topology> {
  const { topology, problems } = checkTopologyFile(file);
  if (topology) return topology;
  const mistakes = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  throw new HoplabError({
    code: 'E_TOPOLOGY',
    message: `${file} has ${mistakes}`,
    exitCode: EXIT.usage,
    detail: renderProblems(problems).trimEnd(),
    next: `correct the file, then check it with: npm run lab validate ${file}`,
  });
}
