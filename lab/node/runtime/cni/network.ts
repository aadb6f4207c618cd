import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tryRun } from '../command.ts';
import { readOptional, writeAtomic } from '../files.ts';
import { isMountPoint } from '../netns.ts';
import { chooseConfigFile, type NetworkList, parseNetworkList } from './config.ts';
import {
  type Attachment,
  type CniCommand,
  CniError,
  type CniResult,
  cniEnv,
  pluginError,
  pluginInput,
} from './request.ts';

export interface CniPaths {
  readonly cniConf: string;
  readonly cniBin: string;
  readonly cniCache: string;
}

/** Attaches pods to the network by the plugins of /etc/cni/net.d. */
export interface PodNetwork {
  /** @returns undefined when a configuration is there, else why pods have to wait. */
  notReady(): Promise<string | undefined>;
  /** Calls `listener` when the configuration directory changes. @returns a function that ends the watch. */
  onChange(listener: () => void): () => void;
  /** ADD through the whole list. On failure everything is undone by DEL. @throws CniError */
  add(attachment: Attachment): Promise<CniResult>;
  /** DEL in reverse order, with the configuration and result that ADD had. @throws CniError */
  del(attachment: Attachment): Promise<void>;
  /** DEL for attachments that no sandbox has any more, left by a kubelet that lost its state. */
  collect(sandboxIds: ReadonlySet<string>): Promise<void>;
  /** CHECK through the whole list. @throws CniError */
  check(attachment: Attachment): Promise<void>;
}

/** What is kept between ADD and DEL, in libcni's place and under its names. */
interface CacheEntry {
  readonly kind: 'cniCacheV1';
  readonly containerId: string;
  readonly ifName: string;
  readonly networkName: string;
  readonly config: NetworkList;
  readonly attachment: Attachment;
  readonly result?: CniResult;
}

/** ADD may wait for a lock of the plugin's; the real runtime's limit is the pod's own, minutes. */
const PLUGIN_TIMEOUT = 60_000;

async function loadList(paths: CniPaths): Promise<NetworkList | undefined> {
  const names = await readdir(paths.cniConf).catch(() => [] as string[]);
  const name = chooseConfigFile(names);
  if (name === undefined) return undefined;
  return parseNetworkList(name, await readFile(join(paths.cniConf, name), 'utf8'));
}

async function callPlugin(
  paths: CniPaths,
  list: NetworkList,
  index: number,
  command: CniCommand,
  attachment: Attachment,
  prevResult: CniResult | undefined,
): Promise<CniResult | undefined> {
  const plugin = list.plugins[index];
  if (plugin === undefined) throw new Error(`no plugin ${index}`);
  const candidates = paths.cniBin.split(delimiter).map((directory) => join(directory, plugin.type));
  const binary = candidates[0] as string;
  const result = await tryRun(binary, [], {
    env: { PATH: process.env.PATH ?? '', ...cniEnv(command, attachment, paths.cniBin) },
    stdin: JSON.stringify(pluginInput(list, plugin, attachment, prevResult)),
    timeout: PLUGIN_TIMEOUT,
  });
  if (result.code === 127 && result.stdout === '') {
    throw new CniError(
      plugin.type,
      command,
      999,
      `failed to find plugin "${plugin.type}" in path [${paths.cniBin}]`,
    );
  }
  if (result.code !== 0) throw pluginError(plugin.type, command, result);
  if (command !== 'ADD') return undefined;
  try {
    return JSON.parse(result.stdout) as CniResult;
  } catch {
    throw new CniError(plugin.type, command, 6, `result is no JSON: ${result.stdout.slice(0, 200)}`);
  }
}

export function openPodNetwork(paths: CniPaths): PodNetwork {
  const cacheFile = (list: { name: string }, attachment: Attachment) =>
    join(paths.cniCache, `${list.name}-${attachment.containerId}-${attachment.ifName}`);

  async function cached(attachment: Attachment): Promise<CacheEntry | undefined> {
    const names = await readdir(paths.cniCache).catch(() => [] as string[]);
    const name = names.find((entry) => entry.endsWith(`-${attachment.containerId}-${attachment.ifName}`));
    const text = name === undefined ? undefined : await readOptional(join(paths.cniCache, name));
    try {
      return text === undefined ? undefined : (JSON.parse(text) as CacheEntry);
    } catch {
      return undefined;
    }
  }

  async function del(attachment: Attachment): Promise<void> {
    const entry = await cached(attachment);
    // After an ADD that failed, today's configuration may be the one that was mended; after one that succeeded, what
    // it was done with counts.
    const current = entry?.result === undefined ? await loadList(paths).catch(() => undefined) : undefined;
    const list = current ?? entry?.config;
    if (list === undefined) throw new CniError('', 'DEL', 999, 'cni config uninitialized');
    const known = entry === undefined ? attachment : { ...entry.attachment, netns: attachment.netns };
    for (let index = list.plugins.length - 1; index >= 0; index -= 1) {
      await callPlugin(paths, list, index, 'DEL', known, entry?.result);
    }
    await rm(cacheFile({ name: entry?.networkName ?? list.name }, attachment), { force: true });
  }

  return {
    async notReady() {
      try {
        if ((await loadList(paths)) !== undefined) return undefined;
        return 'network plugin is not ready: cni config uninitialized';
      } catch (error) {
        return `network plugin is not ready: ${(error as Error).message}`;
      }
    },
    onChange(listener) {
      mkdirSync(paths.cniConf, { recursive: true });
      const watcher: FSWatcher = watch(paths.cniConf, listener);
      watcher.on('error', () => {});
      return () => watcher.close();
    },
    async add(attachment) {
      const list = await loadList(paths);
      if (list === undefined) throw new CniError('', 'ADD', 999, 'cni config uninitialized');
      await mkdir(paths.cniCache, { recursive: true });
      const entry: CacheEntry = {
        kind: 'cniCacheV1',
        containerId: attachment.containerId,
        ifName: attachment.ifName,
        networkName: list.name,
        config: list,
        attachment,
      };
      // Before the first plugin, so that a kubelet killed half-way still knows what to undo.
      await writeAtomic(cacheFile(list, attachment), JSON.stringify(entry));
      try {
        let result: CniResult | undefined;
        for (const index of list.plugins.keys()) {
          result = await callPlugin(paths, list, index, 'ADD', attachment, result);
        }
        await writeAtomic(cacheFile(list, attachment), JSON.stringify({ ...entry, result }));
        return result ?? {};
      } catch (error) {
        // The specification asks for DEL after a failed ADD; its own failure would hide the reason.
        await del(attachment).catch(() => {});
        throw error;
      }
    },
    del,
    async collect(sandboxIds) {
      for (const name of await readdir(paths.cniCache).catch(() => [] as string[])) {
        const text = await readOptional(join(paths.cniCache, name));
        if (text === undefined || !text.startsWith('{"kind":"cniCacheV1"')) continue;
        const { attachment } = JSON.parse(text) as CacheEntry;
        if (sandboxIds.has(attachment.containerId)) continue;
        const netns = isMountPoint(attachment.netns) ? attachment.netns : '';
        await del({ ...attachment, netns }).catch(() => {});
      }
    },
    async check(attachment) {
      const entry = await cached(attachment);
      // CHECK came with version 0.4.0 of the specification.
      if (
        entry?.result === undefined ||
        entry.config.disableCheck ||
        /^0\.[0-3]\./.test(entry.config.cniVersion)
      )
        return;
      for (const index of entry.config.plugins.keys()) {
        await callPlugin(
          paths,
          entry.config,
          index,
          'CHECK',
          { ...entry.attachment, netns: attachment.netns },
          entry.result,
        );
      }
    },
  };
}
