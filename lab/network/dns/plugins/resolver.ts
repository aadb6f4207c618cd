import { type Question, RCODE, type ResourceRecord } from '../wire/index.ts';

/** What a question comes with. */
export interface Asker {
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  readonly dnssecOk: boolean;
  /** The server it came to, for metrics, e.g. `dns://:53`. */
  readonly server: string;
  /** How many ExternalNames have led here. */
  readonly depth?: number;
}

export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  /** May be remembered. Answers from the cluster's objects may not: they change with the API at once. */
  readonly cacheable: boolean;
  /** Why there is no better answer; for the `errors` plugin. */
  readonly error?: string;
}

/**
 * Answers a question. A plugin is a function that makes one, mostly around the next in the chain; it answers at once
 * where nobody else has to be asked.
 */
export type Resolver = (question: Question, asker: Asker) => Reply | Promise<Reply>;

export const reply = (fields: Partial<Reply> & { readonly rcode: number }): Reply => ({
  authoritative: false,
  recursionAvailable: false,
  authenticData: false,
  answers: [],
  authority: [],
  additional: [],
  cacheable: false,
  ...fields,
});

export const failure = (error: string, rcode: number = RCODE.SERVFAIL): Reply => reply({ rcode, error });

/** The end of the chain: nobody felt responsible. */
export const nobody: Resolver = () => failure('no next plugin found');

/** Goes on with an answer, at once if it is there already. */
export function withReply(
  result: Reply | Promise<Reply>,
  go: (reply: Reply) => Reply,
): Reply | Promise<Reply> {
  return result instanceof Promise ? result.then(go) : go(result);
}
