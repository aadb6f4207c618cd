import Docker from 'dockerode';
import { ensureEngine } from '../bootstrap/engine.js';
import { dockerOptions, engineCandidates, ping } from '../bootstrap/find-engine.js';
import { BootstrapError } from '../bootstrap/system.js';
import { EXIT, HoplabError } from '../errors/index.ts';

/** A Docker engine the lab may use. */
export interface Engine {
  readonly docker: Docker;
  /** How it was found, e.g. `docker context "colima"`. */
  readonly from: string;
  /** e.g. `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** `docker info`, asked once. */
  readonly info: () => Promise<EngineInfo>;
}

/** What the lab reads from `docker info`. */
export interface EngineInfo {
  readonly ServerVersion: string;
  readonly Driver: string;
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly SecurityOptions: readonly string[];
  readonly CgroupVersion?: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly DockerRootDir: string;
  readonly ID: string;
}

/**
 * The engine the user's own `docker` would use; it is started or installed where none answers and that may be done.
 * Throws HoplabError `E_NO_ENGINE`, `E_ENGINE_PERMISSION` or `E_INSTALL` that says what to install and how.
 */
export async function connectEngine(log?: (line: string) => void): Promise<Engine> {
  const found = await ensureEngine(log ? { log } : {}).catch((error: unknown) => {
    throw fromBootstrap(error);
  });
  return engineAt(dockerOptions(found), found.from, found.host ?? '');
}

/** The engine that answers now, or why none does. Unlike {@link connectEngine} it starts and installs nothing. */
export async function findRunningEngine(): Promise<
  Engine | { readonly problem: string; readonly next: string }
> {
  const problems: string[] = [];
  for (const candidate of engineCandidates()) {
    const answer = await ping(candidate);
    if (answer.ok) return engineAt(dockerOptions(candidate), candidate.from, candidate.host ?? '');
    problems.push(`${candidate.host ?? '(no address)'} (${candidate.from}): ${answer.message}`);
  }
  return {
    problem: problems.join('; '),
    next: 'npm run lab up    (starts an engine where that is possible, or says what to install)',
  };
}

/**
 * The engine that answers now, for verbs that work on a lab which is there already.
 * Throws HoplabError `E_NO_ENGINE`; starts and installs nothing.
 */
export async function runningEngine(): Promise<Engine> {
  const found = await findRunningEngine();
  if (!('problem' in found)) return found;
  throw new HoplabError({
    code: 'E_NO_ENGINE',
    message: 'no Docker engine answers, so there is no lab',
    exitCode: EXIT.environment,
    detail: found.problem.replaceAll('; ', '\n'),
    next: found.next,
  });
}

/** An engine by dockerode's options, without asking whether it answers. */
export function engineAt(options: Record<string, unknown>, from: string, host: string): Engine {
  const docker = new Docker(options as Docker.DockerOptions);
  let info: Promise<EngineInfo> | undefined;
  return {
    docker,
    from,
    host,
    info: () => {
      info ??= docker.info() as Promise<EngineInfo>;
      return info;
    },
  };
}

/** Turns an error of the plain-JavaScript bootstrap into the lab's own. */
export function fromBootstrap(error: unknown): unknown {
  if (!(error instanceof BootstrapError)) return error;
  return new HoplabError({
    code: error.code,
    message: error.message,
    exitCode: EXIT.environment,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.next === undefined ? {} : { next: error.next }),
    cause: error,
  });
}
