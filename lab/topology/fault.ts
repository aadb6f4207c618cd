/** What is wrong with one value, whatever place it stands in: a file, a flag, an answer typed at a prompt. */
export interface Fault {
  /** What is wrong, with the offending value in it. */
  readonly message: string;
  /** The rule that the value breaks. */
  readonly rule: string;
  /** What would be right. */
  readonly right: string;
}

/** Judges a value of type T: undefined when it is right. */
export type Check<T> = (value: T) => Fault | undefined;

export type Path = readonly (string | number)[];

/** A fault at a place of the topology. */
export interface Finding extends Fault {
  readonly path: Path;
  /** Which of the two is at fault; `value` unless told. */
  readonly at?: 'key' | 'value';
  /** The place this was meant for (a mistyped key): not known either, and not missing. */
  readonly meant?: Path;
}

/** `cluster.nodeDNS.servers[0]`; empty for the whole file. */
export function formatPath(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');
}

/** A value as it is shown in messages: text as it stands unless that would be unreadable, the rest as JSON. */
export function show(value: unknown): string {
  const text =
    typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)
      ? value
      : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
