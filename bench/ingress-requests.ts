import { downLab, findLab, labAccess, upLab } from '../lab/lifecycle/index.ts';
import { KUBECTL, type LabAccess, type Target } from '../lab/scenario/index.ts';
import { type BenchResult, result } from './result.ts';
import { bestInTurn, type Setup } from './setup.ts';

const REQUESTS = 2_000;
const AT_ONCE = 8;
const NAMESPACE = 'bench-ingress';
const CONTROLLER = 'essential-nginx-ingress-ingress-nginx-controller';
const PATH = '/whoami';

/**
 * Requests per second of a client outside through router, load balancer, nginx and pod, against the same nginx with the
 * same proxying, asked on its pod's address by its own node.
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
    const { outside, pod } = await steps.run('an application behind it', () => application(access));
    const [through, straight] = await steps.run('requests per second through the ingress', () =>
      bestInTurn(
        () => requestsPerSecond(access, 'client', outside),
        () => requestsPerSecond(access, 'worker1', pod),
      ),
    );
    const title = 'requests from outside to a pod, against straight to the nginx between them';
    const note = `${REQUESTS} requests, ${AT_ONCE} at once`;
    return [result(title, '/s', through, straight, 'at least', 0.7, note)];
  } finally {
    await downLab(engine, lab, quiet);
  }
}

/** Makes the application, waits until it answers both ways, and gives two addresses of nginx: outside, and of a pod. */
async function application(access: LabAccess): Promise<{ outside: string; pod: string }> {
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
  const node = access.topology.nodes.find(({ name }) => name === 'worker1')?.nodeName ?? 'worker1';
  const select = `-n iks -l app.kubernetes.io/component=controller --field-selector spec.nodeName=${node}`;
  const pod = await kubectl(`get pods ${select} -o jsonpath='{.items[0].status.podIP}'`);
  const pods = await kubectl(
    `get endpoints -n iks ${CONTROLLER} -o jsonpath='{.subsets[*].addresses[*].ip}'`,
  );
  // All controllers, because the load balancer may choose any. Asked again as soon as it was answered.
  await until(access, 'worker1', pods.split(' '));
  await until(access, 'client', [outside]);
  return { outside, pod };
}

async function until(access: LabAccess, from: Target, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const ask = `timeout 60 sh -c 'until curl -sf -o /dev/null --max-time 5 http://${address}${PATH}; do :; done'`;
    const { code } = await access.exec(from, ask, { timeoutMs: 70_000 });
    if (code !== 0) throw new Error(`${from}: http://${address}${PATH} does not answer after 60 s`);
  }
}

/** All over connections that stay, as a browser's do. @throws Error unless every answer is 200 */
async function requestsPerSecond(access: LabAccess, from: Target, address: string): Promise<number> {
  const urls = `'http://${address}${PATH}?[1-${REQUESTS}]'`;
  const curl = `curl -s --max-time 20 --parallel --parallel-max ${AT_ONCE} -o /dev/null -w '%{http_code}\\n' ${urls}`;
  const run = `start=$(date +%s%N); ${curl} | sort | uniq -c; end=$(date +%s%N); echo "took $((end - start))"`;
  const { stdout, stderr } = await access.exec(from, run, { timeoutMs: 120_000 });
  const took = Number(/^took (\d+)$/m.exec(stdout)?.[1]) / 1e9;
  if (!new RegExp(`^ *${REQUESTS} 200\\n`).test(stdout) || !(took > 0))
    throw new Error(`${REQUESTS} requests from ${from} to ${address}: ${stdout}${stderr}`);
  return REQUESTS / took;
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
