type Fields = Readonly<Record<string, unknown>>;

/** Structured one-line logs in the form of Kubernetes' own programs (klog). */
export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

const pad = (value: number, width: number) => String(value).padStart(width, '0');

/** `I1120 11:00:00.000000` with the level's letter first. */
function header(level: 'I' | 'W' | 'E', now: Date): string {
  const time = [now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds()].map((part) => pad(part, 2));
  return `${level}${pad(now.getUTCMonth() + 1, 2)}${pad(now.getUTCDate(), 2)} ${time.join(':')}.${pad(now.getUTCMilliseconds(), 3)}000`;
}

/**
 * A log on stderr: `I1120 11:00:00.000000 kube-scheduler] "Message" key="value"`.
 *
 * @param write for tests
 */
export function klog(component: string, write = (line: string): unknown => process.stderr.write(line)): Log {
  const line =
    (level: 'I' | 'W' | 'E') =>
    (message: string, fields: Fields = {}) => {
      const pairs = Object.entries(fields).map(([key, value]) => {
        const text = value instanceof Error ? value.message : value;
        return ` ${key}=${typeof text === 'number' ? text : JSON.stringify(text)}`;
      });
      write(`${header(level, new Date())} ${component}] ${JSON.stringify(message)}${pairs.join('')}\n`);
    };
  return { info: line('I'), warn: line('W'), error: line('E') };
}

/** Logs nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
