export function run(verb: string, args: string[]): Promise<void>;
export function typedIn(
  environment: Record<string, string | undefined>,
  cwd: string,
  packageRoot: string,
): string;
