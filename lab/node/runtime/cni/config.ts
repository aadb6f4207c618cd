/** One plugin's part of a network configuration list. */
export interface PluginConfig {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** A network configuration list (CNI specification, section 1). */
export interface NetworkList {
  readonly name: string;
  readonly cniVersion: string;
  readonly plugins: readonly PluginConfig[];
  readonly disableCheck: boolean;
}

export class CniConfigError extends Error {
  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`);
    this.name = 'CniConfigError';
  }
}

/**
 * Reads a `.conflist`, or a `.conf`/`.json` with a single plugin, which is taken as a list of one.
 * @throws CniConfigError
 */
export function parseNetworkList(file: string, text: string): NetworkList {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new CniConfigError(file, `no valid JSON: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null) throw new CniConfigError(file, 'no JSON object');
  const plugins = file.endsWith('.conflist') ? json.plugins : [json];
  if (typeof json.name !== 'string' || json.name === '') throw new CniConfigError(file, 'no "name"');
  if (!Array.isArray(plugins) || plugins.length === 0) throw new CniConfigError(file, 'no "plugins"');
  for (const [index, plugin] of (plugins as PluginConfig[]).entries()) {
    if (typeof plugin?.type !== 'string' || plugin.type === '' || plugin.type.includes('/')) {
      throw new CniConfigError(file, `plugin ${index + 1} has no proper "type"`);
    }
  }
  return {
    name: json.name,
    cniVersion: typeof json.cniVersion === 'string' ? json.cniVersion : '0.2.0',
    plugins: plugins as PluginConfig[],
    disableCheck: json.disableCheck === true,
  };
}

/** The first configuration in sorted order counts, as libcni and containerd choose it. */
export function chooseConfigFile(names: readonly string[]): string | undefined {
  return names.filter((name) => /\.(conflist|conf|json)$/.test(name) && !name.startsWith('.')).sort()[0];
}
