/**
 * What is said to `command-runner` and heard from it; images/node/native/runner/frame.c is the other side and describes the form.
 */
export interface RunRequest {
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  /** The runner's own, which is that of the program at its start, unless told. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly stdin?: string | Uint8Array | undefined;
  /** Milliseconds after which the command is killed. */
  readonly timeout: number;
  /** The command answers with a JSON object on descriptor 3 and goes on by itself: `stdout` of the answer is that object. */
  readonly reports?: boolean;
}

export interface RunAnswer {
  /** The exit code, 128 after a signal; -errno when the command could not be started. */
  readonly code: number;
  /** Number of the signal that ended it, or 0. */
  readonly signal: number;
  readonly stdout: string;
  readonly stderr: string;
}

const FLAG = { input: 1, reports: 2, env: 4 } as const;
const NUMBERS = 6;
const ANSWER_HEADER = 20;

/** @throws TypeError for a NUL in an argument, which no command can be given */
export function requestFrame(id: number, request: RunRequest): Buffer {
  const env =
    request.env &&
    Object.entries(request.env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const words = [request.cwd ?? '', ...request.argv, ...(env ?? [])];
  if (words.some((word) => word.includes('\0')))
    throw new TypeError('a command cannot have a NUL in its words');
  const text = Buffer.from(words.map((word) => `${word}\0`).join(''));
  const input = Buffer.from(request.stdin ?? '');
  const flags =
    (request.stdin === undefined ? 0 : FLAG.input) |
    (request.reports ? FLAG.reports : 0) |
    (env ? FLAG.env : 0);
  const head = Buffer.alloc(NUMBERS * 4);
  const length = head.length - 4 + text.length + input.length;
  const timeout = Math.min(Math.ceil(request.timeout), 0xffffffff);
  [length, id, timeout, flags, request.argv.length, env?.length ?? 0].forEach((number, at) => {
    head.writeUInt32LE(number, at * 4);
  });
  return Buffer.concat([head, text, input]);
}

/**
 * Takes the whole answers off the front of what has been heard.
 *
 * @returns them by the number of their request, and what is left
 */
export function takeAnswers(heard: Buffer): { answers: [id: number, answer: RunAnswer][]; rest: Buffer } {
  const answers: [number, RunAnswer][] = [];
  let at = 0;
  while (heard.length - at >= ANSWER_HEADER) {
    const end = at + 4 + heard.readUInt32LE(at);
    if (heard.length < end) break;
    const err = at + ANSWER_HEADER + heard.readUInt32LE(at + 16);
    answers.push([
      heard.readUInt32LE(at + 4),
      {
        code: heard.readInt32LE(at + 8),
        signal: heard.readUInt32LE(at + 12),
        stdout: heard.toString('utf8', at + ANSWER_HEADER, err),
        stderr: heard.toString('utf8', err, end),
      },
    ]);
    at = end;
  }
  return { answers, rest: heard.subarray(at) };
}
