import { type Document, visit } from 'yaml';
import type { Fault } from './fault.ts';

export const TOO_DEEP = {
  message: 'nested too deeply to be read',
  rule: 'a topology is nested seven levels deep at most',
  right: 'a topology such as topologies/iks.yaml',
};

/** What the parser's error codes mean to somebody who writes a topology. */
const WORDS: Readonly<Record<string, (message: string) => Omit<Fault, 'message'> & { message?: string }>> = {
  TAB_AS_INDENT: () => ({
    message: 'a tab in the indentation',
    rule: 'YAML is indented with blanks, never with tabs',
    right: 'two blanks per level instead of the tab',
  }),
  BAD_INDENT: (message) =>
    ({
      message: /Flow (map|sequence)/.test(message)
        ? 'a bracket is not closed before the next line'
        : undefined,
      rule: /Flow (map|sequence)/.test(message)
        ? 'what begins with { or [ ends with } or ]'
        : 'keys of one map start at the same column',
      right: /Flow (map|sequence)/.test(message)
        ? `the closing ${message.includes('sequence') ? ']' : '}'}`
        : 'the same indentation as the line above, or two blanks more',
    }) as Omit<Fault, 'message'>,
  MISSING_CHAR: () => ({ rule: 'quotes and brackets come in pairs', right: 'the character that is missing' }),
  BLOCK_AS_IMPLICIT_KEY: () => ({
    message: 'a second ": " on the line',
    rule: 'one line holds one key and its value',
    right: 'a line for each key, or quotes around a value with ": " in it',
  }),
  BAD_ALIAS: () => ({ rule: 'an alias is * and the name of an anchor', right: 'for instance *defaults' }),
  BAD_SCALAR_START: () => ({
    rule: 'a plain value does not begin with @, ` or %',
    right: 'the value in quotes',
  }),
  UNEXPECTED_TOKEN: () => ({
    rule: 'maps have "key: value" on each line, lists have "- value"; one level does not mix them',
    right: 'a blank after the colon or dash, and the same form as the lines around',
  }),
  RESOURCE_EXHAUSTION: () => TOO_DEEP,
  MULTILINE_IMPLICIT_KEY: () => ({
    message: 'a line without "key: value"',
    rule: 'each line of a map is "key: value"',
    right: 'a colon and a blank after the key',
  }),
};

/**
 * The first syntax error only: those that follow come from a parser that has lost its place.
 */
export function syntaxFault(
  doc: Document,
  text: string,
): Fault & { from: number; to: number; fatal: boolean } {
  const [first] = [...doc.errors].sort((a, b) => a.pos[0] - b.pos[0]);
  const code = first?.code ?? '';
  const end = Math.min(first?.pos[0] ?? 0, Math.max(0, text.length - 1));
  const open = code === 'MISSING_CHAR' ? openQuote(doc, end) : undefined;
  const deeper = code === 'BLOCK_AS_IMPLICIT_KEY' && !/:(\s|$)/.test(text.slice(end).split('\n')[0] ?? '');
  const words = open !== undefined ? UNCLOSED_QUOTE : deeper ? DEEPER : WORDS[code]?.(first?.message ?? '');
  const from = open ?? end;
  return {
    message: `YAML: ${words?.message ?? first?.message ?? 'not readable'}`,
    rule: words?.rule ?? 'the file is YAML 1.2',
    right: `${words?.right ?? 'see https://yaml.org/spec/1.2.2/'} (the rest is checked once the file can be read)`,
    from,
    to: from + 1,
    fatal: true,
  };
}

const UNCLOSED_QUOTE = {
  message: 'a quote is not closed',
  rule: 'quotes come in pairs',
  right: 'the closing quote at the end of the value',
};

const DEEPER = {
  message: 'the line below is indented deeper, though this one has a value already',
  rule: 'keys of one map start at the same column',
  right: 'the same indentation on both lines',
};

/** Where the quoted value begins that reaches to `end`. */
function openQuote(doc: Document, end: number): number | undefined {
  let from: number | undefined;
  visit(doc, {
    Scalar(_key, node) {
      const [start = 0, , last = 0] = node.range ?? [];
      if (/^QUOTE_/.test(node.type ?? '') && start <= end && last >= end) from = start;
    },
  });
  return from;
}
