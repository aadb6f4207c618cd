import type { ApiClient } from '../../api/client/index.ts';
import type { Log } from '../../api/klog.ts';
import { systemIptables } from './apply/index.ts';
import { deleteFlows } from './conntrack/index.ts';
import { healthChecks, ProxyHealth, ServiceHealthServers, statusServer } from './health/index.ts';
import { Metrics } from './metrics.ts';
import { nodePortAddresses } from './node-addresses.ts';
import type { Options } from './options.ts';
import { Proxier } from './proxier.ts';
import { applySysctls } from './sysctls.ts';
import { ServiceTracker } from './tracker.ts';
import { ClusterWatch } from './watch.ts';

/** Without comparisons, a change may wait as long as if there were one every half a minute. */
const DEFAULT_SYNC_PERIOD_MS = 30_000;
const REFUSED_INPUT = '/run/kube-proxy/refused.rules';
const TEXT = 'text/plain; charset=utf-8';

/**
 * Starts the program; resolves when everything has been listed and the first sync is on its way.
 *
 * @returns what ends it; the rules stay, so that what they translate keeps working, and the next kube-proxy takes
 * over from there
 */
export async function startKubeProxy(
  options: Options,
  client: ApiClient,
  log: Log,
): Promise<() => Promise<void>> {
  const iptables = await systemIptables(options.iptablesVariant);
  const { layout, nodeName: node } = options;
  log.info('Using iptables proxy', { layout, backend: iptables.backend, node });
  await applySysctls(options, log);

  const metrics = new Metrics();
  const health = new ProxyHealth(2 * (options.syncPeriodMs || DEFAULT_SYNC_PERIOD_MS));
  const serviceHealth = new ServiceHealthServers(() => health.healthy, log);
  const watch = new ClusterWatch(client, (resource, err) =>
    log.warn('Watching failed, will retry', { resource, err }),
  );
  const proxier = new Proxier({
    tracker: new ServiceTracker(watch, node, layout, (service, problem) =>
      log.warn('Leaving out a part of a service', { service, problem }),
    ),
    iptables,
    deleteFlows,
    ruleOptions: () => ({ ...options, nodePortAddresses: nodePortAddresses(options.nodePortCidrs) }),
    onSynced: (ports) => serviceHealth.update(healthChecks(ports)),
    metrics,
    health,
    log,
    syncPeriodMs: options.syncPeriodMs,
    minSyncPeriodMs: options.minSyncPeriodMs,
    refusedInput: REFUSED_INPUT,
  });

  const report = (metric: string) => () => {
    const answer = health.report();
    metrics.add(metric, { code: String(answer.code) });
    return answer;
  };
  const text = (body: string, contentType = TEXT) => ({ code: 200, body, contentType });
  const servers = [
    statusServer(
      options.metricsAddress,
      {
        '/metrics': () => {
          proxier.countRules();
          return text(metrics.render(), `text/plain; version=0.0.4; charset=utf-8`);
        },
        '/proxyMode': () => text('iptables'),
        '/healthz': () => text('ok'),
      },
      log,
    ),
    statusServer(
      options.healthzAddress,
      { '/healthz': report('proxy_healthz_total'), '/livez': report('proxy_livez_total') },
      log,
    ),
  ];

  await watch.synced();
  log.info('Caches are synced');
  watch.follow(proxier);
  proxier.start();
  return async () => {
    watch.stop();
    serviceHealth.stop();
    for (const server of servers) server.close();
    await proxier.stop();
    iptables.stop();
  };
}
