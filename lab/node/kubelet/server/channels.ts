/** Channels of the remote command protocols v4.channel.k8s.io and v5.channel.k8s.io: the first byte of a message. */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
export const ERROR = 3;
export const RESIZE = 4;
/** v5 only: the next byte names a channel that has ended. */
export const CLOSE = 255;

export const COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** @returns the first of ours that the client offers too. */
export function chooseProtocol(offered: Iterable<string>, ours: readonly string[]): string | undefined {
  const set = new Set(offered);
  return ours.find((protocol) => set.has(protocol));
}

/** A message with its channel in front. */
export function onChannel(channel: number, data: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from([channel]), typeof data === 'string' ? Buffer.from(data) : data]);
}

/** What the error channel says at the end: a metav1.Status. staging/src/k8s.io/apimachinery pkg/util/remotecommand. */
export function exitStatus(code: number): Record<string, unknown> {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** What the error channel says when the command could not be run. */
export function failureStatus(message: string): Record<string, unknown> {
  return { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of the client's terminal, from a message of the resize channel. */
export function terminalSize(data: Buffer): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(data.toString('utf8')) as { Width?: number; Height?: number };
    const good = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
    return good(Width) && good(Height) ? { columns: Width, rows: Height } : undefined;
  } catch {
    return undefined;
  }
}
