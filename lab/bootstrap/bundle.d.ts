export interface BundleOptions {
  external: string[];
  splitting: boolean;
  sourcemap?: boolean;
}
export function bundle(
  root: string,
  name: string,
  entries: Record<string, string>,
  options: BundleOptions,
): Promise<{ folder: string; built: boolean }>;
