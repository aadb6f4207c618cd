import table from './messages.json' with { type: 'json' };

/** Types with a form of their own in JSON; a letter each in the table, see generate.ts. */
export type Scalar = 's' | 'b' | 'i' | 'y' | 't' | 'u' | 'q' | 'x' | 'r';

export interface Field {
  /** Name in JSON; `.` for a message whose fields are its parent's in JSON, `@` for a list that is a message. */
  readonly name: string;
  /** A scalar's letter, or the name of a message. */
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
  /** Whether the zero value says something: a pointer in Go, or a field without `omitempty`. */
  readonly keepsZero: boolean;
}

export type Message = ReadonlyMap<number, Field>;

const parsed = new Map<string, Message>();

/** Fields by number of a message such as `core.v1.PodSpec`; undefined when the table does not have it. */
export function messageOf(name: string): Message | undefined {
  const known = parsed.get(name);
  if (known) return known;
  const line = Object.hasOwn(table, name) ? (table as Record<string, string>)[name] : undefined;
  if (line === undefined) return undefined;
  const message = new Map(line === '' ? [] : line.split(', ').map(fieldOf));
  parsed.set(name, message);
  return message;
}

/** `containers! 2 []core.v1.Container` */
function fieldOf(text: string): readonly [number, Field] {
  const [name = '', number, type = ''] = text.split(' ');
  const [, pointer, prefix, rest = ''] = /^(\*?)(\[\]|\{\})?(.*)$/.exec(type) ?? [];
  const shape = prefix === '[]' ? 'list' : prefix === '{}' ? 'map' : 'one';
  const keepsZero = pointer === '*' || name.endsWith('!');
  return [Number(number), { name: name.replace(/!$/, ''), type: rest, shape, keepsZero }];
}
