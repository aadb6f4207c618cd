/*
 * The only place where text becomes nginx syntax. A directive is written as conf`set $name ${value}`: what stands in the
 * template is the program's own, what is filled in is quoted, so that nothing of an Ingress can end a directive, open a block
 * or name a variable.
 */

/** A word of nginx.conf, quoted as its place needs it. */
export class Token {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface ConfNode {
  readonly text: string;
  /** A block, if there. */
  readonly children?: readonly ConfNode[];
  /** A comment or a line of Lua: no semicolon. */
  readonly bare?: boolean;
  /** The text is whole lines, to be taken over as they are. */
  readonly printed?: boolean;
}

const CONTROL = /\p{Control}/u;

/** Most values: nothing to be looked at twice. */
const PLAIN = /^[\w./-]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (CONTROL.test(text)) throw new Error(`control character in ${JSON.stringify(text)}`);
  // ngx_conf_read_token: within quotes only \" \' \\ \t \r \n mean something else than themselves.
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** nginx cannot escape a dollar sign: this variable (a `geo` block of render/http.ts) is one. */
const DOLLAR = `$${'{literal_dollar}'}`;

/** Text for a place where nginx replaces variables: the dollar sign comes from a variable of that value. */
export const text = (value: string): Token => new Token(quoted(value).replaceAll('$', () => DOLLAR));

/** Text for a place without variables: regular expressions, names of locations. */
export const literal = (value: string): Token => new Token(quoted(value));

/** As {@link literal}, without quotes where it can be read without. */
export const name = (value: string): Token => (/^[\w./~-]+$/.test(value) ? new Token(value) : literal(value));

/** What a rewrite leads to: `$1` to `$9` are the groups, another dollar sign is one. */
export const replacement = (value: string): Token =>
  new Token(quoted(value).replaceAll(/\$(?![1-9](?!\d))/g, () => DOLLAR));

/** A word of letters, digits and a few signs. @throws Error for anything else: the caller has not checked */
export function word(value: string | number): Token {
  if (!/^[\w.:/@+*-]+$/.test(String(value))) throw new Error(`${JSON.stringify(value)} is not a word`);
  return new Token(String(value));
}

/** A directive. Values that are filled in become {@link text}, numbers stay as they are. */
export function conf(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Token)[]
): ConfNode {
  let out = strings.raw[0] ?? '';
  values.forEach((value, index) => {
    const token = value instanceof Token ? value : typeof value === 'number' ? word(value) : text(value);
    out += token.text + (strings.raw[index + 1] ?? '');
  });
  return { text: out };
}

/** A directive with a block. */
export const block = (head: ConfNode, children: readonly ConfNode[]): ConfNode => ({
  text: head.text,
  children,
});

/** A comment of one line. */
export const comment = (value: string): ConfNode => ({
  text: `# ${value.replaceAll(/[^\x20-\x7e]/g, '?')}`,
  bare: true,
});

/** A block of Lua; its lines are the program's own. */
export const lua = (directive: string, lines: readonly string[]): ConfNode => ({
  text: directive,
  children: lines.map((line) => ({ text: line, bare: true })),
});

export const EMPTY: ConfNode = { text: '', bare: true };

/** Nodes that stand in many places of one depth, printed once. */
export const frozen = (nodes: readonly ConfNode[], depth: number): ConfNode => ({
  text: print(nodes, '\t'.repeat(depth)),
  printed: true,
});

/** The text of nodes, indented with tabs as nginx.conf of ingress-nginx is. */
export function print(nodes: readonly ConfNode[], indent = ''): string {
  const out: string[] = [];
  write(nodes, indent, out);
  return out.join('');
}

function write(nodes: readonly ConfNode[], indent: string, out: string[]): void {
  for (const { text, children, bare, printed } of nodes) {
    if (printed) out.push(text);
    else if (children) {
      out.push(indent, text, ' {\n');
      write(children, `${indent}\t`, out);
      out.push(indent, '}\n');
    } else if (text === '') out.push('\n');
    else out.push(indent, text, bare ? '\n' : ';\n');
  }
}
