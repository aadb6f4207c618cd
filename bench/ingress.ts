import type { EndpointSlice, Service } from '../lab/api/objects/index.ts';
import { buildModel, endpointsOf } from '../lab/network/ingress/model/index.ts';
import type { Ingress } from '../lab/network/ingress/objects.ts';
import { parseDirectives, renderConf, renderDynamic } from '../lab/network/ingress/render/index.ts';
import { ingress, MODEL, path, RENDER } from '../lab/network/ingress/testing/cluster.fixture.ts';
import { report } from './report.ts';
import { median, result } from './result.ts';

// The pure part of the ingress controller: objects in, nginx.conf and endpoints out. The baseline is what no renderer can do without:
// serializing the same objects as JSON.
const INGRESSES = 1_000;
const ENDPOINTS_EACH = 10;
const ROUNDS = 15;
const LIMIT_MS = 300;

/** One host each, three paths, half of them with annotations. */
function cluster(): Ingress[] {
  return Array.from({ length: INGRESSES }, (_, index) =>
    ingress(
      `app-${index}`,
      [path('/', `web-${index}`), path('/api', `api-${index}`), path('/static/(.*)', `web-${index}`)],
      {
        namespace: `team-${index % 40}`,
        host: `app-${index}.example.com`,
        ...(index % 2 === 0
          ? {}
          : { annotations: { 'rewrite-target': '/$1', 'proxy-body-size': '8m', 'enable-cors': 'true' } }),
      },
    ),
  );
}

const service: Service = { metadata: { name: 'x' }, spec: { ports: [{ name: 'http', port: 80 }] } };
const slice: EndpointSlice = {
  metadata: {},
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080 }],
  endpoints: Array.from({ length: ENDPOINTS_EACH }, (_, index) => ({
    addresses: [`192.168.8.${index + 1}`],
  })),
};
const source = { service: () => service, slices: () => [slice] };

/** Milliseconds of processor: machines are shared, and the wall clock tells how many others there are. */
function timed<T>(run: () => T): [number, T] {
  const started = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(started);
  return [(user + system) / 1000, result];
}

/** Everything anew: objects that were never seen, as after a start. */
function cold(): { ms: number; bytes: number; json: number } {
  const ingresses = cluster();
  const [json] = timed(() => JSON.stringify(ingresses).length);
  const [ms, text] = timed(() => {
    const model = buildModel({ ingresses, classes: [], secret: () => undefined }, MODEL);
    const conf = renderConf(model, RENDER).text;
    renderDynamic(model, model.backends, (backend) => endpointsOf(backend, source), '127.0.0.1:8181');
    return conf;
  });
  return { ms, bytes: text.length, json };
}

/** One object has changed, as in a cluster that runs. */
function warm(ingresses: Ingress[]): number {
  const [first, ...rest] = ingresses as [Ingress, ...Ingress[]];
  const changed = [{ ...first, metadata: { ...first.metadata } }, ...rest];
  return timed(() =>
    renderConf(buildModel({ ingresses: changed, classes: [], secret: () => undefined }, MODEL), RENDER),
  )[0];
}

const colds = Array.from({ length: ROUNDS }, cold);
const ingresses = cluster();
const warms = Array.from({ length: ROUNDS }, () => warm(ingresses));
const bytes = colds[0]?.bytes ?? 0;
const model = buildModel({ ingresses, classes: [], secret: () => undefined }, MODEL);
const servers = parseDirectives(renderConf(model, RENDER).text)
  .at(-1)
  ?.children?.filter(({ words }) => words[0] === 'server');
const json = median(colds.map((one) => one.json));
const rows = [
  [`${INGRESSES} Ingresses, all new`, median(colds.map(({ ms }) => ms))],
  [`${INGRESSES} Ingresses, one changed`, median(warms)],
] as const;

report(
  rows.map(([name, ms]) =>
    result(
      name,
      'ms',
      ms,
      LIMIT_MS,
      'at most',
      1,
      `CPU; the JSON of the same takes ${json.toFixed(0)} ms; ${servers?.length} servers, ${(bytes / 1e6).toFixed(1)} MB`,
    ),
  ),
);
