/** What happens to an image while it is made. */
export interface ImageProgress {
  readonly image: string;
  /** `start`, any number of `step`s, then `done`. */
  readonly state: 'start' | 'step' | 'done';
  /** One line for people. */
  readonly text: string;
}

export type OnImageProgress = (progress: ImageProgress) => void;

/** A message of the engine's build or pull stream; the fields are the engine's. */
export interface EngineMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly aux?: unknown;
}

/** What is known of a running build; {@link readBuildMessage} makes the next from the last. */
export interface BuildState {
  /** `2/5` */
  readonly step: string;
  /** The instruction being run, e.g. `RUN apt-get update -q && …`, on one line. */
  readonly instruction: string;
  /** Image of the last finished step: where the failing command can be tried by hand. */
  readonly lastImage: string | undefined;
  /** The last lines of output of the step. */
  readonly tail: readonly string[];
  readonly error: string | undefined;
}

export const INITIAL_BUILD_STATE: BuildState = {
  step: '',
  instruction: '',
  lastImage: undefined,
  tail: [],
  error: undefined,
};

const TAIL_LINES = 25;
/** The builder prints stderr in red. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour is
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Reads one message of the classic builder's stream. */
export function readBuildMessage(state: BuildState, message: EngineMessage): BuildState {
  if (message.error !== undefined)
    return { ...state, error: (message.errorDetail?.message ?? message.error).trim() };
  const text = message.stream ?? '';
  const step = /^Step (\d+\/\d+) : ([\s\S]*)$/.exec(text);
  if (step)
    return {
      ...state,
      step: step[1] ?? '',
      instruction: (step[2] ?? '').replaceAll(/\s+/g, ' ').trim(),
      tail: [],
    };
  const image = /^ ---> ([0-9a-f]{12})\s*$/.exec(text);
  if (image) return { ...state, lastImage: image[1] };
  const lines = text
    .replaceAll(COLOUR, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(Boolean);
  return lines.length ? { ...state, tail: [...state.tail, ...lines].slice(-TAIL_LINES) } : state;
}

/** A build's step as a line, cut to a terminal's width. */
export function stepLine({ step, instruction }: BuildState, width = 72): string {
  const text = `${step} ${instruction}`;
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Progress as plain lines, e.g. `image node-os: 2/2 RUN apt-get update -q …`. */
export function progressLines(write: (line: string) => void): OnImageProgress {
  return ({ image, text }) => write(`image ${image}: ${text}`);
}

/** Reads newline-separated JSON as the engine streams it. */
export async function* jsonMessages(
  stream: AsyncIterable<Uint8Array | string>,
): AsyncIterable<EngineMessage> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) yield JSON.parse(line) as EngineMessage;
  }
  if (rest.trim()) yield JSON.parse(rest) as EngineMessage;
}
