export interface Distribution {
  id: string;
  like: string[];
  name: string;
  wsl: boolean;
}
export class BootstrapError extends Error {
  code: string;
  exitCode: number;
  detail: string | undefined;
  next: string | undefined;
  render(): string;
}
export function isRoot(): boolean;
export function which(program: string, env?: Record<string, string | undefined>): string | undefined;
export function parseOsRelease(text: string): Omit<Distribution, 'wsl'>;
export function distribution(): Distribution;
export function isDebianLike(os: { id: string; like: string[] }): boolean;
export function consent(
  question: string,
  io?: {
    env?: Record<string, string | undefined>;
    input?: NodeJS.ReadStream;
    output?: NodeJS.WriteStream;
  },
): Promise<boolean>;
export function aptInstall(packages: string[]): void;
export function ensureProgram(
  program: string,
  packages: string[],
  why: string,
  log?: (line: string) => void,
): Promise<string>;
