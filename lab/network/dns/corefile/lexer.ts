import { CorefileError } from './corefile-error.ts';

/** A word of a Corefile. */
export interface Token {
  readonly text: string;
  readonly line: number;
  /** Written in quotes: never a brace or a comment. */
  readonly quoted: boolean;
}

const WORD = /"((?:[^"\\]|\\.)*)"|(")|(#[^\n]*)|(\n)|([^\s"#][^\s]*)/gs;

/**
 * Splits a Corefile into words: white space separates, `#` starts a comment, quotes hold words together over lines, and
 * `{$NAME}` stands for a variable of the environment.
 *
 * @throws CorefileError when a quote is not closed
 */
export function tokenize(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [match, quoted, open, , newline, word] of text.matchAll(WORD)) {
    if (open !== undefined) throw new CorefileError(file, line, 'a quote is not closed');
    if (quoted !== undefined) {
      tokens.push({ text: quoted.replaceAll('\\"', '"'), line, quoted: true });
    } else if (word !== undefined) {
      const expanded = word.replaceAll(/\{\$(\w+)\}|\{%(\w+)%\}/g, (_, unix, dos) => env[unix ?? dos] ?? '');
      // A variable that is not set leaves nothing behind.
      if (expanded !== '') tokens.push({ text: expanded, line, quoted: false });
    }
    line += newline === undefined ? match.split('\n').length - 1 : 1;
  }
  return tokens;
}
