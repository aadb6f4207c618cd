import { CorefileError } from './corefile-error.ts';
import { type Token, tokenize } from './lexer.ts';

/** A line of a server block or of a plugin's own block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  /** What stands in braces after it. */
  readonly block?: readonly Directive[];
}

export interface Block {
  /** e.g. `.:53`, `lab.example`. */
  readonly keys: readonly string[];
  readonly line: number;
  readonly directives: readonly Directive[];
}

/**
 * Reads the form of a Corefile, without knowing any plugin.
 *
 * @throws CorefileError
 */
export function parseBlocks(
  text: string,
  file: string,
  env?: Readonly<Record<string, string | undefined>>,
): Block[] {
  const reader = new Reader(tokenize(text, file, env), file);
  const blocks: Block[] = [];
  while (!reader.done) blocks.push(reader.block());
  return blocks;
}

const isBrace = (token: Token | undefined, brace: '{' | '}') => token?.text === brace && !token.quoted;

class Reader {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  #at = 0;

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens;
    this.#file = file;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  block(): Block {
    const first = this.#tokens[this.#at] as Token;
    const keys: string[] = [];
    while (!this.done && !isBrace(this.#peek, '{')) {
      const { text, line } = this.#next();
      if (text === '}') throw this.#error(line, "unexpected '}'");
      keys.push(...text.split(',').filter((key) => key !== ''));
    }
    if (this.done) throw this.#error(this.#lastLine, "Unexpected token, expecting '{'");
    if (keys.length === 0) throw this.#error(first.line, 'a server block needs a zone before its brace');
    this.#next();
    return { keys, line: first.line, directives: this.#directives() };
  }

  /** Up to the closing brace. */
  #directives(): Directive[] {
    const directives: Directive[] = [];
    for (;;) {
      if (this.done) throw this.#error(this.#lastLine, "Unexpected EOF, expecting '}'");
      if (isBrace(this.#peek, '}')) {
        this.#next();
        return directives;
      }
      directives.push(this.#directive());
    }
  }

  #directive(): Directive {
    const { text: name, line } = this.#next();
    if (name === '{') throw this.#error(line, "unexpected '{'");
    const args: string[] = [];
    // A directive ends with its line; a quoted word may have begun a new one.
    while (!this.done && this.#peek?.line === line && !isBrace(this.#peek, '}')) {
      if (isBrace(this.#peek, '{')) {
        this.#next();
        return { name, args, line, block: this.#directives() };
      }
      args.push(this.#next().text);
    }
    return { name, args, line };
  }

  get #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #next(): Token {
    return this.#tokens[this.#at++] as Token;
  }

  get #lastLine(): number {
    return this.#tokens.at(-1)?.line ?? 1;
  }

  #error(line: number, problem: string): CorefileError {
    return new CorefileError(this.#file, line, problem);
  }
}
