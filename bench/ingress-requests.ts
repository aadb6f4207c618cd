import { downLab, findLab, labAccess, upLab } from '../lab/lifecycle/index.ts';
import { KUBECTL, type LabAccess, type Target } from '../lab/scenario/index.ts';
import { type BenchResult, result } from './result.ts';
import type { Setup } from './setup.ts';

const REQUESTS = 3_000;
const AT_ONCE = 8;
/** The machines are noisy from one second to the next, and the load balancer chooses at random: many short rounds. */
const ROUNDS = 11;
const NAMESPACE = 'bench-ingress';
const CONTROLLER = 'essential-nginx-ingress-ingress-nginx-controller';
const PATH = '/whoami';

/**
 * Requests per second of a client outside through router, load balancer, nginx and pod. The baseline is the same client, which asks
 * the same nginx pods on their own addresses: the router is told by which node each is reached, as it would be by BGP. What differs is
 * what a load balancer is: two address translations, and a second node wherever it chooses the nginx of another one.
 */
export async function benchIngressRequests({
  engine,
  topology,
  steps,
  quiet,
}: Setup): Promise<BenchResult[]> {
  const lab = topology.name;
  const withIngress = { ...topology, cluster: { ...topology.cluster, ingress: {} } };
  try {
    const access = await steps.run('lab up for the ingress', async () => {
      await upLab(engine, {
        topology: withIngress,
        dryRun: false,
        retain: true,
        timeoutMs: 240_000,
        steps: quiet,
      });
      return labAccess(engine, await findLab(engine, lab));
    });
    const { outside, pods } = await steps.run('an application behind it', () => application(access));
    const rounds = await steps.run('requests per second through the ingress', () =>
      inTurn(access, outside, pods),
    );
    const { through, straight } = rounds[Math.floor(rounds.length / 2)] ?? { through: 0, straight: 0 };
    const ratios = rounds.map((one) => ratioOf(one).toFixed(2));
    const title = 'requests by the load balancer, against straight to the nginx pods';
    const note =
      `the same client asks the same ${pods.length} nginx, each by its own node; ${REQUESTS} requests, ${AT_ONCE} at once; ` +
      `middle of ${ROUNDS} rounds from ${ratios[0]} to ${ratios.at(-1)}`;
    return [result(title, '/s', through, straight, 'at least', 0.7, note)];
  } finally {
    await downLab(engine, lab, quiet);
  }
}

interface Round {
  readonly through: number;
  readonly straight: number;
}

const ratioOf = ({ through, straight }: Round): number => through / straight;

/** Rounds of both, by their ratio. Half of the straight requests come before the others and half after, whatever the machine does meanwhile. */
async function inTurn(access: LabAccess, outside: string, pods: readonly string[]): Promise<Round[]> {
  const share = Math.floor(REQUESTS / pods.length);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    let through = 0;
    for (const [index, pod] of pods.entries()) {
      if (index === Math.floor(pods.length / 2)) {
        through = REQUESTS / (await secondsFor(access, outside, REQUESTS));
      }
      times.push(await secondsFor(access, pod, share));
    }
    rounds.push({ through, straight: (share * pods.length) / times.reduce((sum, one) => sum + one, 0) });
  }
  return rounds.sort((a, b) => ratioOf(a) - ratioOf(b));
}

/** Makes the application, waits until it answers both ways, and gives the addresses of nginx: outside, and of the pods. */
async function application(access: LabAccess): Promise<{ outside: string; pods: string[] }> {
  const kubectl = async (run: string): Promise<string> => {
    const { code, stdout, stderr } = await access.exec(KUBECTL, run, { timeoutMs: 90_000 });
    if (code !== 0) throw new Error(`kubectl ${run}: ${stderr}`);
    return stdout.trim();
  };
  await access.apply(MANIFEST);
  await kubectl(`wait -n ${NAMESPACE} --for=condition=Ready pod --all --timeout=60s`);
  const service = `-n iks service/${CONTROLLER}`;
  await kubectl(`wait ${service} --for=jsonpath='{.status.loadBalancer.ingress[0].ip}' --timeout=60s`);
  const outside = await kubectl(`get ${service} -o jsonpath='{.status.loadBalancer.ingress[0].ip}'`);
  const ready = `-n iks wait --for=condition=Ready pod -l app.kubernetes.io/component=controller --timeout=60s`;
  await kubectl(ready);
  const list = await kubectl(
    `get pods -n iks -l app.kubernetes.io/component=controller -o jsonpath='{range .items[*]}{.status.podIP} {.status.hostIP}{"\\n"}{end}'`,
  );
  const pods = list.split('\n').map((line) => line.split(' ') as [pod: string, node: string]);
  for (const [pod, node] of pods) {
    const { code, stderr } = await access.exec('router', `ip route replace ${pod}/32 via ${node}`);
    if (code !== 0) throw new Error(`no route to ${pod}: ${stderr}`);
  }
  const addresses = pods.map(([pod]) => pod);
  await until(access, 'client', [...addresses, outside]);
  return { outside, pods: addresses };
}

/** All of them answer. Asked again as soon as it was answered. */
async function until(access: LabAccess, from: Target, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const ask = `timeout 60 sh -c 'until curl -sf -o /dev/null --max-time 5 http://${address}${PATH}; do :; done'`;
    const { code } = await access.exec(from, ask, { timeoutMs: 70_000 });
    if (code !== 0) throw new Error(`${from}: http://${address}${PATH} does not answer after 60 s`);
  }
}

/** All over connections that stay, as a browser's do. @throws Error unless every answer is 200 */
async function secondsFor(access: LabAccess, address: string, requests: number): Promise<number> {
  const urls = `'http://${address}${PATH}?[1-${requests}]'`;
  const curl = `curl -s --max-time 20 --parallel --parallel-max ${AT_ONCE} -o /dev/null -w '%{http_code}\\n' ${urls}`;
  const run = `start=$(date +%s%N); ${curl} | sort | uniq -c; end=$(date +%s%N); echo "took $((end - start))"`;
  const { stdout, stderr } = await access.exec('client', run, { timeoutMs: 120_000 });
  const took = Number(/^took (\d+)$/m.exec(stdout)?.[1]) / 1e9;
  if (!new RegExp(`^ *${requests} 200\\n`).test(stdout) || !(took > 0))
    throw new Error(`${requests} requests to ${address}: ${stdout}${stderr}`);
  return took;
}

const LABELS = { app: 'whoami' };
const MANIFEST = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    ...['worker1', 'worker2'].map((node) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: NAMESPACE, name: `whoami-${node}`, labels: LABELS },
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'whoami',
            image: 'whoami',
            readinessProbe: { httpGet: { path: '/health', port: 80 }, periodSeconds: 1 },
          },
        ],
      },
    })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: NAMESPACE, name: 'whoami' },
      spec: { selector: LABELS, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { namespace: NAMESPACE, name: 'whoami' },
      spec: {
        rules: [
          {
            http: {
              paths: [
                {
                  path: PATH,
                  pathType: 'Prefix',
                  backend: { service: { name: 'whoami', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
  ],
});
