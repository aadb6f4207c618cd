import { cache } from './readers/cache.ts';
import type { PluginReader } from './readers/common.ts';
import { forward } from './readers/forward.ts';
import { kubernetes } from './readers/kubernetes.ts';
import { hosts, rewrite } from './readers/names.ts';
import { address, bind, health, log, reload } from './readers/server.ts';

/** The plugins there are. Their order in the file means nothing, as in CoreDNS (plugin.cfg). */
export const PLUGINS: Readonly<Record<string, PluginReader>> = {
  bind,
  cache,
  errors: () => ({ errors: true }),
  forward,
  health,
  hosts,
  kubernetes,
  loadbalance: () => ({ loadbalance: true }),
  log,
  loop: () => ({ loop: true }),
  prometheus: address('prometheus', '127.0.0.1:9153'),
  ready: address('ready', ':8181'),
  reload,
  rewrite,
};
