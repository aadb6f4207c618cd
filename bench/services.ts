import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { capture, type Engine, objectName } from '../lab/engine/index.ts';
import { downLab, findLab, labAccess, upLab } from '../lab/lifecycle/index.ts';
import { KUBECTL, type LabAccess } from '../lab/scenario/index.ts';
import { type BenchResult, result } from './result.ts';
import { servicesManifest } from './services/manifest.ts';
import { bestInTurn, type Setup } from './setup.ts';

const REQUESTS = 4_000;
const AT_ONCE = 8;
const SECONDS = 4;
/** A cluster of the lab's own size. */
const SERVICES = 50;

/** Requests per second through a ClusterIP against straight to the pod behind it, on one node and across two. */
export async function benchServices({ engine, topology, steps, quiet }: Setup): Promise<BenchResult[]> {
  const lab = topology.name;
  try {
    const access = await steps.run('lab up for services', async () => {
      await upLab(engine, { topology, dryRun: false, retain: true, timeoutMs: 120_000, steps: quiet });
      return labAccess(engine, await findLab(engine, lab));
    });
    const addresses = await steps.run(`${SERVICES} services`, () => services(access));
    const results: BenchResult[] = [];
    for (const [where, name] of [
      ['one node', 'near'],
      ['two nodes', 'far'],
    ] as const) {
      const { pod, service } = addresses(name);
      const [through, straight] = await steps.run(`requests per second, ${where}`, () =>
        bestInTurn(
          () => requestsPerSecond(engine, lab, service),
          () => requestsPerSecond(engine, lab, pod),
        ),
      );
      const title = `requests through a ClusterIP on ${where}, against straight to the pod`;
      const note = `a connection each, ${AT_ONCE} at once, ${SERVICES} services`;
      results.push(result(title, '/s', through, straight, 'at least', 0.9, note));
    }
    return results;
  } finally {
    await downLab(engine, lab, quiet);
  }
}

/** Makes pods and services, waits until worker1's rules know them, and gives their addresses. */
async function services(access: LabAccess) {
  const { namespace, text } = servicesManifest(SERVICES);
  const kubectl = async (run: string): Promise<string> => {
    const { code, stdout, stderr } = await access.exec(KUBECTL, run, { timeoutMs: 90_000 });
    if (code !== 0) throw new Error(`kubectl ${run}: ${stderr}`);
    return stdout.trim();
  };
  await access.apply(text);
  await kubectl(`wait -n ${namespace} --for=condition=Ready pod --all --timeout=60s`);
  // Asked again as soon as it was answered: the rules come within a moment of the endpoints.
  const rules = `timeout 30 sh -c 'until [ "$(iptables -t nat -S KUBE-SERVICES | grep -c "${namespace}/.* -j KUBE-SVC-")" -ge ${SERVICES + 2} ]; do :; done'`;
  const { code } = await access.exec('worker1', rules);
  if (code !== 0) throw new Error(`worker1 has no rules for ${SERVICES} services after 30 s`);
  const list = await kubectl(
    `get pods,services -n ${namespace} -o jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.status.podIP}{.spec.clusterIP}{"\\n"}{end}'`,
  );
  const found = new Map(list.split('\n').map((line) => line.split(' ') as [string, string]));
  return (name: string) => ({
    pod: found.get(`Pod/${name}`) ?? '',
    service: found.get(`Service/${name}`) ?? '',
  });
}

/** From the pod `asks`, whose network the node's own node program enters. */
async function requestsPerSecond(engine: Engine, lab: string, address: string): Promise<number> {
  const argv = [address, '80', REQUESTS, AT_ONCE, SECONDS].join(' ');
  const run = `exec nsenter -t $(nodectl pid bench-services/asks) -n node --input-type=module - ${argv}`;
  const { code, stdout, stderr } = await capture(engine, objectName(lab, 'worker1'), ['/bin/sh', '-c', run], {
    stdin: program(),
  });
  const rate = Number(stdout);
  if (code !== 0 || !(rate > 0))
    throw new Error(`requests to ${address}: exit code ${code}: ${stderr}${stdout}`);
  return rate;
}

let compiled: string | undefined;

function program(): string {
  compiled ??= buildSync({
    entryPoints: [fileURLToPath(new URL('services/load.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  }).outputFiles[0]?.text;
  if (!compiled) throw new Error('esbuild gave no program');
  return compiled;
}
