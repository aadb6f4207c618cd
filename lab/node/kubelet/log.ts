const pad = (value: number, width: number) => String(value).padStart(width, '0');

/** `I1120 11:00:00.000000` with the level's letter first, as klog prints it. */
export function klogHeader(level: 'I' | 'W' | 'E', now: Date): string {
  const day = pad(now.getUTCMonth() + 1, 2) + pad(now.getUTCDate(), 2);
  const time = [now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds()]
    .map((part) => pad(part, 2))
    .join(':');
  return `${level}${day} ${time}.${pad(now.getUTCMilliseconds(), 3)}000`;
}

type Fields = Readonly<Record<string, unknown>>;

function line(level: 'I' | 'W' | 'E', message: string, fields: Fields): void {
  const pairs = Object.entries(fields).map(([key, value]) => {
    const text = value instanceof Error ? value.message : value;
    return ` ${key}=${typeof text === 'number' ? text : JSON.stringify(text)}`;
  });
  process.stderr.write(
    `${klogHeader(level, new Date())} kubelet] ${JSON.stringify(message)}${pairs.join('')}\n`,
  );
}

/** Structured one-line logs to stderr, in the form of the real kubelet's (klog): `"Message" key="value"`. */
export const log = {
  info: (message: string, fields: Fields = {}): void => line('I', message, fields),
  warn: (message: string, fields: Fields = {}): void => line('W', message, fields),
  error: (message: string, fields: Fields = {}): void => line('E', message, fields),
};
