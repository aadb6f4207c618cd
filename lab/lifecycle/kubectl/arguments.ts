import { basename, dirname, isAbsolute, resolve } from 'node:path/posix';
import { type CommandLine, parseCommandLine, type Word } from './command-line.ts';

/** What a path of the host is, links followed; undefined when it is not there. */
export type PathKind = 'file' | 'directory' | undefined;

/** A path of the host that kubectl reads. */
export interface Upload {
  /** Absolute. */
  readonly path: string;
  /**
   * `file`: the file. `manifests`: a directory's own .json, .yaml and .yml files, with `recursive` also those below.
   * `files`: its own files of any name. `tree`: everything. `kustomization`: everything, and the bases it names.
   */
  readonly take: 'file' | 'manifests' | 'files' | 'tree' | 'kustomization';
  readonly recursive?: boolean;
}

export interface RewrittenArguments {
  readonly argv: readonly string[];
  /** The verb. */
  readonly command: string | undefined;
  /** Some argument is a path, also one that is not there: kubectl has to run in the mirrored directory. */
  readonly usesPaths: boolean;
  readonly uploads: readonly Upload[];
  /** Paths of the host, absolute, that kubectl writes. */
  readonly downloads: readonly string[];
}

export interface Place {
  /** Working directory on the host, absolute. */
  readonly cwd: string;
  /** Directory of the container below which the host's paths are mirrored: /a/b is FOLDER/a/b. */
  readonly folder: string;
}

/** Flags whose value is one file. The certificate flags of `config` are stored, not read. */
const FILE_FLAGS = [
  'patch-file',
  'cert',
  'key',
  'custom',
  'kubeconfig',
  'certificate-authority',
  'client-certificate',
  'client-key',
];
const OUTPUT_FILE = /^((?:go-template|template|jsonpath|custom-columns)-?file)(?:=(.*))?$/s;
/** kubectl's own rule for what is asked of a web server (resource/builder.go). */
const URL_PATTERN = /^https?:\/\//;

/**
 * Finds the host's paths among kubectl's arguments. The host's directories are mirrored below a folder of the
 * container and kubectl runs in the mirror of the working directory. So a relative path stays as it was typed, in
 * kubectl's messages too, and an absolute one gets the folder in front. Addresses (`http://…`), `-` and paths that are
 * not there are left as they are.
 *
 * @param exists says what a path of the host is
 */
export function rewriteArguments(
  argv: readonly string[],
  place: Place,
  exists: (path: string) => PathKind,
): RewrittenArguments {
  const line = parseCommandLine(argv);
  const rewriter = new Rewriter(argv, place, exists);
  const recursive = line.switches.has('recursive') || on(line, 'recursive');
  const templateIsFile = line.flags.some(({ flag, value }) => flag === 'output' && OUTPUT_FILE.test(value));
  for (const word of line.flags) {
    if (word.flag === 'filename') rewriter.list(word, (path) => rewriter.manifests(path, recursive));
    else if (word.flag === 'kustomize') rewriter.one(word, (path) => rewriter.read(path, 'kustomization'));
    else if (word.flag === 'from-env-file') rewriter.list(word, (path) => rewriter.read(path, 'file'));
    else if (word.flag === 'from-file') rewriter.list(word, (text) => rewriter.keyed(text));
    else if (word.flag === 'www') rewriter.one(word, (path) => rewriter.read(path, 'tree'));
    else if (word.flag === 'template' && templateIsFile)
      rewriter.one(word, (path) => rewriter.read(path, 'file'));
    else if (word.flag === 'output-directory') rewriter.one(word, (path) => rewriter.write(path));
    else if (word.flag === 'output' && line.command === 'kustomize')
      rewriter.one(word, (path) => rewriter.write(path));
    else if (word.flag === 'output') rewriter.one(word, (text) => rewriter.output(text));
    else if (FILE_FLAGS.includes(word.flag) && (line.command !== 'config' || word.flag === 'kubeconfig'))
      rewriter.one(word, (path) => rewriter.read(path, 'file'));
  }
  if (line.command === 'cp') copy(line, rewriter);
  if (line.command === 'kustomize' && line.positional[1])
    rewriter.one(line.positional[1], (path) => rewriter.read(path, 'kustomization'));
  return { ...rewriter.result(), command: line.command };
}

/** `--recursive=true` */
const on = (line: CommandLine, name: string) =>
  line.flags.some(({ flag, value }) => flag === name && /^(1|t|true)$/i.test(value));

/** `kubectl cp`: what has a colon is in a pod, as kubectl itself decides; two of a kind are its error. */
function copy({ positional }: CommandLine, rewriter: Rewriter): void {
  const [, source, target] = positional;
  if (!source || !target || positional.length > 3) return;
  const remote = (word: Word) => word.value.includes(':');
  if (!remote(source) && remote(target)) rewriter.one(source, (path) => rewriter.read(path, 'tree'));
  if (remote(source) && !remote(target)) rewriter.one(target, (path) => rewriter.write(path));
}

class Rewriter {
  readonly #argv: string[];
  readonly #place: Place;
  readonly #exists: (path: string) => PathKind;
  readonly #uploads: Upload[] = [];
  readonly #downloads: string[] = [];
  #usesPaths = false;

  constructor(argv: readonly string[], place: Place, exists: (path: string) => PathKind) {
    this.#argv = [...argv];
    this.#place = place;
    this.#exists = exists;
  }

  result() {
    return {
      argv: this.#argv,
      usesPaths: this.#usesPaths,
      uploads: this.#uploads,
      downloads: this.#downloads,
    };
  }

  one(word: Word, change: (text: string) => string): void {
    this.#argv[word.index] = word.prefix + change(word.value);
  }

  /** A pflag StringSlice: values with commas between them. */
  list(word: Word, change: (text: string) => string): void {
    this.one(word, (text) => text.split(',').map(change).join(','));
  }

  /** A file, or a directory as a whole. */
  read(path: string, take: 'file' | 'tree' | 'kustomization' | 'files'): string {
    if (isElsewhere(path)) return path;
    this.#usesPaths = true;
    const absolute = resolve(this.#place.cwd, path);
    const kind = this.#exists(absolute);
    if (!kind) return path;
    this.#uploads.push({ path: absolute, take: kind === 'file' ? 'file' : take === 'file' ? 'files' : take });
    return this.#mirrored(path);
  }

  /** `-f`: a file, a directory, or a pattern for kubectl to expand. */
  manifests(path: string, recursive: boolean): string {
    if (isElsewhere(path)) return path;
    this.#usesPaths = true;
    const absolute = resolve(this.#place.cwd, path);
    const kind = this.#exists(absolute);
    if (kind === 'file') this.#uploads.push({ path: absolute, take: 'file' });
    else if (kind === 'directory') this.#uploads.push({ path: absolute, take: 'manifests', recursive });
    else return this.#pattern(path, absolute);
    return this.#mirrored(path);
  }

  #pattern(path: string, absolute: string): string {
    if (!/[*?[]/.test(basename(absolute))) return path;
    const folder = dirname(absolute);
    // kubectl takes patterns in any part of a path; the last one is where people write them.
    if (this.#exists(folder) !== 'directory') return path;
    this.#uploads.push({ path: folder, take: 'files' });
    return this.#mirrored(path);
  }

  /** `--from-file=[key=]path`: a file, or a directory's own files. */
  keyed(text: string): string {
    const equals = text.indexOf('=');
    const path = text.slice(equals + 1);
    return text.slice(0, equals + 1) + this.read(path, 'files');
  }

  /** `-o go-template-file=PATH` and its like. */
  output(text: string): string {
    const [, format, path] = OUTPUT_FILE.exec(text) ?? [];
    return format === undefined || path === undefined ? text : `${format}=${this.read(path, 'file')}`;
  }

  write(path: string): string {
    if (isElsewhere(path)) return path;
    this.#usesPaths = true;
    this.#downloads.push(resolve(this.#place.cwd, path));
    return this.#mirrored(path);
  }

  #mirrored(path: string): string {
    return isAbsolute(path) ? this.#place.folder + path : path;
  }
}

/** Not a path of the host: stdin by its names, nothing, or an address. */
function isElsewhere(path: string): boolean {
  return ['', '-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'].includes(path) || URL_PATTERN.test(path);
}
