import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { ensureProgram, isRoot } from '../bootstrap/system.js';
import { EXIT, HoplabError } from '../errors/index.ts';
import { type Engine, fromBootstrap } from './connect.ts';
import { dockerError, engineMessage, isNotFound } from './errors.ts';
import { LABEL } from './labels.ts';
import { jsonMessages } from './progress.ts';

/** What the registry serves, and the suite that mmdebstrap makes the same from. */
const REGISTRY_IMAGE = 'debian:trixie-slim';
const SUITE = 'trixie';
/** Tag of the base made by mmdebstrap. */
const IMPORTED_IMAGE = `hoplab/${SUITE}:mmdebstrap`;

/** A registry that has not said a word by then does not answer. */
const SILENCE_MS = 8_000;
/** Where there is no other way than the registry, it gets longer. */
const PATIENT_SILENCE_MS = 60_000;

/** Debian's base image and how it came: `registry` or `mmdebstrap`. */
export interface DebianBase {
  readonly image: string;
  readonly made: 'registry' | 'mmdebstrap';
}

/**
 * Debian to start all images from: one that is there, else from the registry, else by mmdebstrap from Debian's packages.
 * Throws HoplabError `E_NO_BASE_IMAGE` when neither way works.
 */
export async function ensureDebian(engine: Engine, say: (line: string) => void): Promise<DebianBase> {
  if (await hasImage(engine, REGISTRY_IMAGE)) return { image: REGISTRY_IMAGE, made: 'registry' };
  if (await hasImage(engine, IMPORTED_IMAGE)) return { image: IMPORTED_IMAGE, made: 'mmdebstrap' };
  const canBootstrap = isRoot() && process.platform === 'linux';
  const refusal = await pull(engine, REGISTRY_IMAGE, canBootstrap ? SILENCE_MS : PATIENT_SILENCE_MS);
  if (refusal === undefined) return { image: REGISTRY_IMAGE, made: 'registry' };
  if (!canBootstrap)
    throw noBase(
      `${REGISTRY_IMAGE} cannot be pulled (${refusal}), and only root on Debian or Ubuntu can make it with mmdebstrap`,
    );
  say(`no registry answers (${firstClause(refusal)}): making the same base with mmdebstrap ${SUITE}`);
  await bootstrap(engine, say);
  return { image: IMPORTED_IMAGE, made: 'mmdebstrap' };
}

async function hasImage(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw dockerError(error, `image ${name} cannot be inspected`, ['docker', 'image', 'inspect', name]);
  }
}

/** Pulls an image; returns undefined, or why it cannot be had. The deadline starts again with each word of progress. */
async function pull(engine: Engine, image: string, silenceMs: number): Promise<string | undefined> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), silenceMs);
  };
  restart();
  try {
    const stream = await engine.docker.pull(image, { abortSignal: abort.signal });
    for await (const message of jsonMessages(stream as Readable)) {
      restart();
      if (message.error) return message.error;
    }
    return undefined;
  } catch (error) {
    return abort.signal.aborted ? `no answer within ${silenceMs / 1000} s` : engineMessage(error);
  } finally {
    clearTimeout(timer);
  }
}

/** `Get "https://…": dial tcp …: connection refused` says the same as its last part. */
const firstClause = (text: string): string => text.split(': ').pop()?.trim() || text;

/** mmdebstrap writes a tar archive to stdout; it goes straight into the engine. The mirror is mmdebstrap's own choice. */
async function bootstrap(engine: Engine, say: (line: string) => void): Promise<void> {
  const program = await ensureProgram(
    'mmdebstrap',
    ['mmdebstrap', 'debian-archive-keyring'],
    'no registry answers, so the base image is made from Debian packages',
    say,
  ).catch((error: unknown) => {
    throw fromBootstrap(error);
  });
  const argv = ['--variant=minbase', '--dpkgopt=force-unsafe-io', ...excludes(), SUITE, '-'];
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-20_000);
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  closed.catch(() => {});
  const command = `mmdebstrap ${argv.join(' ')} | docker import - ${IMPORTED_IMAGE}`;
  try {
    const [repo, tag] = IMPORTED_IMAGE.split(':') as [string, string];
    // Tagged only when mmdebstrap has ended well: a cut archive must not become the base.
    const answer = await engine.docker.importImage(child.stdout as unknown as string, {
      changes: [`LABEL ${LABEL.base}=mmdebstrap`],
    });
    let id = '';
    for await (const message of jsonMessages(answer as Readable)) {
      if (message.error) throw new Error(message.error);
      if (message.status) id = message.status;
    }
    const [code] = await closed;
    if (code !== 0)
      throw noBase(
        `mmdebstrap failed (exit code ${code})`,
        `${command}\n${log.trim().split('\n').slice(-20).join('\n')}`,
      );
    await engine.docker.getImage(id).tag({ repo, tag });
  } catch (error) {
    child.kill();
    if (error instanceof HoplabError) throw error;
    throw noBase(
      `the base image cannot be imported: ${engineMessage(error)}`,
      `${command}\n${log.trim().split('\n').slice(-20).join('\n')}`,
    );
  }
}

/** The same files that the registry's "slim" image leaves out. */
function excludes(): string[] {
  const paths = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*'];
  return [
    ...paths.map((path) => `--dpkgopt=path-exclude=${path}`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  ];
}

function noBase(message: string, detail?: string): HoplabError {
  return new HoplabError({
    code: 'E_NO_BASE_IMAGE',
    message,
    exitCode: EXIT.environment,
    ...(detail === undefined ? {} : { detail }),
    next: `make a registry reachable for the engine (docker pull ${REGISTRY_IMAGE}), or load the image from a file (docker load)`,
  });
}
