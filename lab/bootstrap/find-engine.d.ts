export const DEFAULT_SOCKET: string;
export interface EngineCandidate {
  /** How it was found, for people: `DOCKER_HOST`, `docker context "x"`, `the default socket`. */
  from: string;
  /** e.g. `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. */
  host: string | undefined;
  /** Folder with ca.pem, cert.pem and key.pem. */
  certificates?: string;
  problem?: string;
}
export interface FinderSystem {
  env: Record<string, string | undefined>;
  home: string;
  exists(path: string): boolean;
  read(path: string): string | undefined;
}
export function engineCandidates(system?: FinderSystem): EngineCandidate[];
export function dockerOptions(
  candidate: EngineCandidate,
  read?: (path: string) => string | undefined,
): Record<string, unknown>;
export function ping(
  candidate: EngineCandidate,
  timeoutMs?: number,
): Promise<{ ok: true } | { ok: false; code: string; message: string }>;
