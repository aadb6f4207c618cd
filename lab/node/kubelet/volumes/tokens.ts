import type { Pod, ProjectedSource } from '../../runtime/index.ts';

/** A projected serviceAccountToken of a pod. */
export type TokenSource = NonNullable<ProjectedSource['serviceAccountToken']>;

export interface PodToken {
  readonly token: string;
  /** When the volume is to be written anew, milliseconds since 1970. */
  readonly refreshAt: number;
  /** Why the pod has to live without a token; then {@link PodToken.token} is empty. */
  readonly problem?: string;
}

/** The API server's tokens of pods' service accounts. */
export interface Tokens {
  /** @throws Error when there is no token and none is to be had */
  token(pod: Pod, source: TokenSource): Promise<PodToken>;
  /** The pod has gone; its tokens with it. */
  forget(podUid: string): void;
}

/** What tells two tokens of one pod apart. */
export const tokenKey = ({ audience, expirationSeconds }: TokenSource): string =>
  `${audience ?? ''}/${expirationSeconds ?? ''}`;

/** @returns the tokens that a volume's sources want, each once. */
export function tokenSources(sources: readonly ProjectedSource[]): TokenSource[] {
  const found = sources.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []);
  return [...new Map(found.map((source) => [tokenKey(source), source])).values()];
}
