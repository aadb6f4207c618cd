import type { ConfNode } from './syntax.ts';

/** A directive as nginx reads it: words without their quotes. */
export interface Directive {
  readonly words: readonly string[];
  /** As {@link Directive.words}, written as they were found. */
  readonly source: readonly string[];
  readonly children?: readonly Directive[];
}

/**
 * Reads nginx's syntax as ngx_conf_read_token does, with blocks of Lua as one opaque child.
 *
 * @throws Error with the line where it cannot be read
 */
export function parseDirectives(input: string): Directive[] {
  return new Reader(input).block(false);
}

/** A piece of configuration that an Ingress brings: it must be whole in itself. @throws Error */
export function parseConf(input: string): ConfNode[] {
  const convert = ({ source, words, children }: Directive): ConfNode => {
    if (words[0]?.includes('lua')) throw new Error(`${words[0]} cannot be used in a snippet`);
    return { text: source.join(' '), ...(children ? { children: children.map(convert) } : {}) };
  };
  return parseDirectives(input).map(convert);
}

class Reader {
  readonly #input: string;
  #at = 0;

  constructor(input: string) {
    this.#input = input;
  }

  block(isInner: boolean): Directive[] {
    const found: Directive[] = [];
    let words: string[] = [];
    let source: string[] = [];
    for (;;) {
      this.#skip();
      const char = this.#input[this.#at];
      if (char === undefined) {
        if (isInner || words.length > 0) throw this.#error('unexpected end, expecting ";" or "}"');
        return found;
      }
      if (char === ';' || char === '{') {
        if (words.length === 0) throw this.#error(`unexpected "${char}"`);
        this.#at++;
        if (char === ';') found.push({ words, source });
        else found.push({ words, source, children: this.#children(words[0] ?? '') });
        words = [];
        source = [];
      } else if (char === '}') {
        if (!isInner || words.length > 0) throw this.#error('unexpected "}"');
        this.#at++;
        return found;
      } else {
        const start = this.#at;
        words.push(this.#word());
        source.push(this.#input.slice(start, this.#at));
      }
    }
  }

  #children(directive: string): Directive[] {
    if (!directive.endsWith('_by_lua_block')) return this.block(true);
    const start = this.#at;
    for (let depth = 1; depth > 0; this.#at++) {
      const char = this.#input[this.#at];
      if (char === undefined) throw this.#error('unexpected end of Lua');
      if (char === '{') depth++;
      if (char === '}') depth--;
    }
    const code = this.#input.slice(start, this.#at - 1);
    return [{ words: [code], source: [code] }];
  }

  #skip(): void {
    for (;;) {
      const char = this.#input[this.#at];
      if (char === '#') while (!['\n', undefined].includes(this.#input[this.#at])) this.#at++;
      else if (char !== undefined && /[ \t\r\n]/.test(char)) this.#at++;
      else return;
    }
  }

  #word(): string {
    const quote = this.#input[this.#at];
    return quote === '"' || quote === "'" ? this.#quoted(quote) : this.#plain();
  }

  #quoted(quote: string): string {
    let out = '';
    for (this.#at++; ; this.#at++) {
      const char = this.#input[this.#at];
      if (char === undefined) throw this.#error('unexpected end of a quoted word');
      if (char === '\\') out += this.#escaped();
      else if (char === quote) break;
      else out += char;
    }
    this.#at++;
    if (!/[\s;{)]/.test(this.#input[this.#at] ?? ' ')) throw this.#error('unexpected character after quotes');
    return out;
  }

  #plain(): string {
    let out = '';
    for (; ; this.#at++) {
      const char = this.#input[this.#at];
      if (char === undefined || /[\s;]/.test(char)) return out;
      if (char === '{' && !out.endsWith('$')) return out;
      if (char === '\\') out += this.#escaped();
      else out += char;
    }
  }

  #escaped(): string {
    const next = this.#input[++this.#at];
    if (next === undefined) throw this.#error('unexpected end after "\\"');
    const meaning = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' }[next];
    return meaning ?? `\\${next}`;
  }

  #error(what: string): Error {
    return new Error(`line ${this.#input.slice(0, this.#at).split('\n').length}: ${what}`);
  }
}
