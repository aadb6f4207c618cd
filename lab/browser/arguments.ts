/** One thing that the browser does, in the order of the command line. */
export type Action =
  | { readonly kind: 'open'; readonly url: string }
  /** Types into the field of that name, key by key. */
  | { readonly kind: 'type'; readonly field: string; readonly text: string }
  /** Clicks the button or link that is called so. */
  | { readonly kind: 'click'; readonly name: string }
  /** Waits until the page shows the text. */
  | { readonly kind: 'see'; readonly text: string }
  | { readonly kind: 'screenshot'; readonly file: string };

/** What `browse` was asked to do. */
export interface Visit {
  readonly actions: readonly Action[];
  /** Certificates that no known authority signed are accepted. */
  readonly insecure: boolean;
  /** Host name to address, past DNS. */
  readonly resolve: ReadonlyMap<string, string>;
}

export const USAGE = `usage: browse URL [--type FIELD=TEXT] [--click NAME] [--see TEXT] [--open URL] [--screenshot NAME]...
       browse --insecure --resolve HOST=ADDRESS URL ...`;

/** A command line that `browse` does not understand. */
export class UsageError extends Error {}

/**
 * Reads the command line of `browse`. What the browser is to do stands in the order in which it is done.
 *
 * @throws UsageError with what is wrong
 */
export function readArguments(argv: readonly string[]): Visit {
  const actions: Action[] = [];
  const resolve = new Map<string, string>();
  let insecure = false;
  const words = argv[Symbol.iterator]();
  const value = (option: string): string => {
    const { value: word, done } = words.next();
    if (done || word === '') throw new UsageError(`${option} wants a value`);
    return word;
  };
  const pair = (option: string): [string, string] => {
    const text = value(option);
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`${option} wants NAME=VALUE, not "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)];
  };
  for (const word of words) {
    if (word === '--insecure') insecure = true;
    else if (word === '--resolve') resolve.set(...pair(word));
    else if (word === '--type') {
      const [field, text] = pair(word);
      actions.push({ kind: 'type', field, text });
    } else if (word === '--click') actions.push({ kind: 'click', name: value(word) });
    else if (word === '--see') actions.push({ kind: 'see', text: value(word) });
    else if (word === '--open') actions.push({ kind: 'open', url: url(value(word)) });
    else if (word === '--screenshot') actions.push({ kind: 'screenshot', file: pngName(value(word)) });
    else if (word.startsWith('-')) throw new UsageError(`there is no option ${word}`);
    else actions.push({ kind: 'open', url: url(word) });
  }
  if (actions[0]?.kind !== 'open') throw new UsageError('the first thing to do is to open a URL');
  return { actions, insecure, resolve };
}

function url(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`"${text}" is no http or https URL`);
}

/** Screenshots lie side by side in one folder. */
function pngName(text: string): string {
  if (/^[\w-][\w.-]*$/.test(text)) return `${text.replace(/\.png$/, '')}.png`;
  throw new UsageError(`"${text}" is no file name`);
}
