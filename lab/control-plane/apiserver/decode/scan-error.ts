const SPACE = /[ \t\r\n]/;

/** What Go's encoding/json says of a text that is not JSON: its scanner's states, as far as messages tell them apart. */
export function scanError(text: string): string {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.space();
    if (!scanner.atEnd) scanner.fail('after top-level value');
  } catch (error) {
    if (error instanceof ScanError) return error.message;
    // Nested deeper than the stack: Go gives up as well.
    if (error instanceof RangeError) return 'exceeded max depth';
    throw error;
  }
  return 'unexpected end of JSON input';
}

class ScanError extends Error {}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  space(): void {
    while (!this.atEnd && SPACE.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  fail(where: string): never {
    if (this.atEnd) throw new ScanError('unexpected end of JSON input');
    const rune = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    throw new ScanError(`invalid character ${quoted(rune)} ${where}`);
  }

  value(): void {
    this.space();
    const next = this.#text[this.#at] ?? '';
    if (next === '{') this.#object();
    else if (next === '[') this.#array();
    else if (next === '"') this.#string();
    else if (next === '-' || /\d/.test(next)) this.#number();
    else if (next === 't') this.#literal('true');
    else if (next === 'f') this.#literal('false');
    else if (next === 'n') this.#literal('null');
    else this.fail('looking for beginning of value');
  }

  #object(): void {
    this.#at++;
    this.space();
    if (this.#take('}')) return;
    for (;;) {
      this.space();
      if (this.#text[this.#at] !== '"') this.fail('looking for beginning of object key string');
      this.#string();
      this.space();
      if (!this.#take(':')) this.fail('after object key');
      this.value();
      this.space();
      if (this.#take('}')) return;
      if (!this.#take(',')) this.fail('after object key:value pair');
    }
  }

  #array(): void {
    this.#at++;
    this.space();
    if (this.#take(']')) return;
    for (;;) {
      this.value();
      this.space();
      if (this.#take(']')) return;
      if (!this.#take(',')) this.fail('after array element');
    }
  }

  #string(): void {
    for (this.#at++; !this.atEnd; this.#at++) {
      const next = this.#text[this.#at] ?? '';
      if (next === '"') {
        this.#at++;
        return;
      }
      if (next < ' ') this.fail('in string literal');
      if (next !== '\\') continue;
      this.#at++;
      if (this.#text[this.#at] === 'u') {
        for (let digit = 0; digit < 4; digit++) {
          this.#at++;
          if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
            this.fail('in \\u hexadecimal character escape');
        }
      } else if (!/["\\/bfnrt]/.test(this.#text[this.#at] ?? '')) this.fail('in string escape code');
    }
    this.fail('');
  }

  #number(): void {
    if (this.#take('-') && !/\d/.test(this.#text[this.#at] ?? '')) this.fail('in numeric literal');
    if (!this.#take('0')) this.#digits();
    if (this.#take('.')) {
      if (!/\d/.test(this.#text[this.#at] ?? '')) this.fail('after decimal point in numeric literal');
      this.#digits();
    }
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      if (!/\d/.test(this.#text[this.#at] ?? '')) this.fail('in exponent of numeric literal');
      this.#digits();
    }
  }

  #digits(): void {
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.fail(`in literal ${word} (expecting ${quoted(letter)})`);
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

function quoted(rune: string): string {
  if (rune === "'") return "'\\''";
  if (rune === '"') return `'"'`;
  const code = rune.codePointAt(0) ?? 0;
  return code < 0x20 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${rune}'`;
}
