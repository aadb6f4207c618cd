import {
  type ApiClient,
  type EventRecorder,
  eventRecorder,
  PODS,
  systemClock,
} from '../../../api/client/index.ts';
import type { Log } from '../../../api/klog.ts';
import { LeaderElection } from '../../../api/leader-election/index.ts';
import type { Pod } from '../../../api/objects/index.ts';
import { isOurs, type ModelOptions } from '../model/index.ts';
import { fakeCertificate, Nginx, StatusClient } from '../nginx/index.ts';
import type { Ingress } from '../objects.ts';
import { publishedAddresses, StatusWriter } from '../status/index.ts';
import { Syncer } from '../sync/index.ts';
import { type Configuration, readConfigMap } from './config-map.ts';
import { healthServer } from './health.ts';
import { Metrics } from './metrics.ts';
import type { Options } from './options.ts';
import { ProblemReporter } from './problems.ts';
import { IngressWatch } from './watch.ts';

export const COMPONENT = 'nginx-ingress-controller';
/** Times of the real program's election (internal/ingress/status). */
const LEASE = { leaseSeconds: 30, renewDeadlineMs: 15_000, retryMs: 7_500 };

export interface Controller {
  /** Takes no new connections, finishes what is served, and ends. */
  stop(): Promise<void>;
}

const contentOf = ({ metadata, spec }: Ingress) => JSON.stringify([metadata.annotations ?? {}, spec ?? {}]);

/**
 * Starts the program; resolves when the objects have been listed and their configuration is on its way.
 *
 * @param onNginxExit nginx has ended by itself: there is nothing left to control
 */
export async function startController(
  options: Options,
  client: ApiClient,
  log: Log,
  onNginxExit: (reason: string) => void,
): Promise<Controller> {
  const events = eventRecorder(client, {
    component: COMPONENT,
    onError: (err) => log.warn('Failed to write an event', { err }),
  });
  const status = new StatusClient(options.statusPort);
  const nginx = new Nginx({ conf: options.conf, paths: options.paths, status, log, onExit: onNginxExit });
  const metrics = new Metrics({
    controller_class: options.controllerClass,
    controller_namespace: options.pod?.namespace ?? '',
    controller_pod: options.pod?.name ?? '',
  });
  const watch = new IngressWatch(client, options.configMap, (resource, err) =>
    log.warn('Watching failed, will retry', { resource, err }),
  );
  let configuration = readConfigMap({});
  let modelOptions = optionsOf(options, configuration);
  const problems = new ProblemReporter(events, log);
  const syncer = new Syncer({
    nginx,
    objects: () => watch,
    endpoints: watch,
    model: () => modelOptions,
    render: () => ({ ...options, global: configuration.global }),
    defaultCertificate: await fakeCertificate(),
    log,
    report: {
      failed() {
        metrics.numbers.errors++;
        metrics.numbers.lastSuccessful = false;
      },
      reloaded(checksum, atMs) {
        Object.assign(metrics.numbers, {
          checksum,
          lastSuccessful: true,
          lastSuccessAt: Math.floor(atMs / 1000),
        });
        metrics.numbers.reloads++;
        void reloadEvent(client, events, options);
      },
      problems: (found) => problems.report(found),
    },
  });
  const isServed = (ingress: Ingress) => isOurs(ingress, watch.classes, modelOptions);
  const writer = new StatusWriter(
    client,
    {
      ingresses: () => watch.ingresses.filter(isServed),
      ingress: (key) => watch.ingress(key),
      addresses() {
        const { publishService } = options;
        return publishedAddresses(
          publishService && watch.service(`${publishService.namespace}/${publishService.name}`),
        );
      },
      leads: () => election?.leads ?? false,
    },
    log,
  );
  const election = electionOf(options, client, log, (leads) => {
    metrics.numbers.leads = leads;
    writer.changed();
  });

  await nginx.prepare();
  const server = healthServer(
    options.healthzPort,
    {
      isHealthy: async () => syncer.isLive && nginx.isRunning && (await status.isHealthy()),
      metrics: async () => metrics.render(await status.counts()),
    },
    (err) => log.error('Failed to listen', { port: options.healthzPort, err }),
  );
  await watch.synced();
  log.info('Caches are synced');
  watch.follow({
    ingressChanged(ingress, old) {
      if (!old || contentOf(ingress) !== contentOf(old)) {
        if (isServed(ingress)) events.event(ingress, 'Normal', 'Sync', 'Scheduled for sync');
        syncer.changed();
      }
      writer.changed();
    },
    changed: () => syncer.changed(),
    endpointsChanged: () => syncer.endpointsChanged(),
    serviceChanged({ metadata }) {
      const { namespace, name } = options.publishService ?? {};
      if (metadata.namespace === namespace && metadata.name === name) writer.changed();
    },
    configMapChanged(data) {
      configuration = readConfigMap(data);
      modelOptions = optionsOf(options, configuration);
      for (const problem of configuration.problems) log.warn('ConfigMap', { problem });
      syncer.changed();
    },
  });
  syncer.changed();
  election?.start();

  return {
    async stop() {
      server.close();
      watch.stop();
      await election?.stop();
      await Promise.all([writer.stop(), syncer.stop()]);
      // kube-proxies still send new connections here until they have heard of it.
      if (options.shutdownGracePeriod > 0) {
        await new Promise((resolve) => setTimeout(resolve, options.shutdownGracePeriod * 1000));
      }
      log.info('Stopping NGINX process');
      await nginx.quit();
      await events.flush();
    },
  };
}

function optionsOf(options: Options, { defaults, allowSnippets }: Configuration): ModelOptions {
  const { ingressClass, controllerClass, watchWithoutClass, defaultBackend } = options;
  return {
    ingressClass,
    controllerClass,
    watchWithoutClass,
    defaultBackend,
    defaults,
    allowSnippets: allowSnippets ?? options.allowSnippets,
  };
}

function electionOf(
  { pod, electionId, updateStatus }: Options,
  client: ApiClient,
  log: Log,
  changed: (leads: boolean) => void,
): LeaderElection | undefined {
  if (!pod || !updateStatus) return undefined;
  return new LeaderElection({
    ...LEASE,
    client,
    clock: systemClock,
    identity: pod.name,
    namespace: pod.namespace,
    name: electionId,
    onLead: async () => {
      log.info('successfully acquired lease', { lease: `${pod.namespace}/${electionId}` });
      changed(true);
    },
    onLost: async () => {
      log.info('I am not the new leader');
      changed(false);
    },
    onError: (err) => log.warn('Failed to renew the lease, will retry', { err }),
  });
}

/** On the controller's own pod, as `kubectl describe pod` shows it. */
async function reloadEvent(client: ApiClient, events: EventRecorder, { pod }: Options): Promise<void> {
  if (!pod) return;
  const self = await client.get<Pod>(PODS, pod.name, pod.namespace).catch(() => undefined);
  const about = self && { ...self, apiVersion: 'v1', kind: 'Pod' };
  if (about)
    events.event(about, 'Normal', 'RELOAD', 'NGINX reload triggered due to a change in configuration');
}
