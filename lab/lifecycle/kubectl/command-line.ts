import { longName, takesValue } from './flags.ts';

/** A flag's value or a positional argument, and where it stands on the command line. */
export interface Word {
  readonly value: string;
  /** Index in argv. */
  readonly index: number;
  /** What stands before the value in the same argument: `--filename=`, `-f`, `-Rf=` or nothing. */
  readonly prefix: string;
}

export interface FlagWord extends Word {
  /** Long name. */
  readonly flag: string;
}

/** kubectl's command line, read as cobra and pflag read it. */
export interface CommandLine {
  /** The verb, e.g. `apply`. */
  readonly command: string | undefined;
  /** Arguments that are no flags, the verb first; those behind `--` belong to a command in a pod and are left out. */
  readonly positional: readonly Word[];
  readonly flags: readonly FlagWord[];
  /** Long names of the flags without a value. */
  readonly switches: ReadonlySet<string>;
}

/** Reads kubectl's arguments; never fails, what is wrong is kubectl's to say. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  // The letters of a command are known when the command is: cobra, too, finds the command first.
  const command = parse(argv, undefined).positional[0]?.value;
  return { command, ...parse(argv, command) };
}

function parse(argv: readonly string[], command: string | undefined) {
  const positional: Word[] = [];
  const flags: FlagWord[] = [];
  const switches = new Set<string>();
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (argument === '--') break;
    if (argument === '-' || !argument.startsWith('-')) {
      positional.push({ value: argument, index, prefix: '' });
      continue;
    }
    const found = argument.startsWith('--') ? long(argument) : short(argument, command, switches);
    if (!found) continue;
    if (found.value !== undefined) flags.push({ ...found, value: found.value, index });
    else if (!takesValue(found.flag, command)) switches.add(found.flag);
    else if (index + 1 < argv.length) {
      index++;
      flags.push({ flag: found.flag, value: argv[index] ?? '', index, prefix: '' });
    }
  }
  return { positional, flags, switches };
}

interface Found {
  readonly flag: string;
  /** Undefined when it has none in the same argument. */
  readonly value: string | undefined;
  readonly prefix: string;
}

function long(argument: string): Found {
  const equals = argument.indexOf('=');
  if (equals < 0) return { flag: argument.slice(2), value: undefined, prefix: '' };
  return {
    flag: argument.slice(2, equals),
    value: argument.slice(equals + 1),
    prefix: argument.slice(0, equals + 1),
  };
}

/** `-it`, `-fFILE`, `-Rf FILE`, `-f=FILE`: switches until a letter that takes the rest, or the next argument. */
function short(argument: string, command: string | undefined, switches: Set<string>): Found | undefined {
  for (let at = 1; at < argument.length; at++) {
    const flag = longName(argument[at] ?? '', command);
    const rest = argument.slice(at + 1);
    const start = rest.startsWith('=') ? at + 2 : at + 1;
    const value = argument.slice(start);
    if (rest.startsWith('=') || (rest !== '' && takesValue(flag, command))) {
      return { flag, value, prefix: argument.slice(0, start) };
    }
    if (rest === '' && takesValue(flag, command)) return { flag, value: undefined, prefix: '' };
    switches.add(flag);
  }
  return undefined;
}
