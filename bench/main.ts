import { mkdir, writeFile } from 'node:fs/promises';
import { HoplabError } from '../lab/errors/index.ts';
import { Steps } from '../lab/output/index.ts';
import { runAlone } from './alone.ts';
import { benchIngressRequests } from './ingress-requests.ts';
import { benchKubeProxy } from './kube-proxy.ts';
import { benchLab } from './lab.ts';
import { benchTable } from './report.ts';
import type { BenchResult } from './result.ts';
import { benchServices } from './services.ts';
import { type Setup, setUp } from './setup.ts';

const steps = new Steps({ stream: process.stderr });
let common: Promise<Setup> | undefined;
const setup = (): Promise<Setup> => {
  common ??= setUp(steps);
  return common;
};

/** `npm run bench` runs all of them, `npm run bench NAME...` those that are named. */
const PARTS: Readonly<Record<string, () => Promise<BenchResult[]>>> = {
  lab: async () => benchLab(await setup()),
  services: async () => benchServices(await setup()),
  'kube-proxy': () => steps.run('kube-proxy', async () => benchKubeProxy()),
  ingress: () => steps.run('ingress', () => runAlone('ingress.ts')),
  dns: () => steps.run('dns', () => runAlone('dns.ts')),
  apiserver: () => steps.run('apiserver', () => runAlone('apiserver.ts')),
  // The last: it makes the lab with an ingress controller, and takes it down.
  'ingress-requests': async () => benchIngressRequests(await setup()),
};

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    process.stderr.write(
      `error: no bench is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}\n`,
    );
    return 2;
  }
  const results: BenchResult[] = [];
  let failed = false;
  for (const [name, part] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    try {
      results.push(...(await part()));
    } catch (error) {
      // The others are worth measuring all the same.
      failed = true;
      const why =
        error instanceof HoplabError ? error.render() : error instanceof Error ? error.stack : error;
      process.stderr.write(`bench ${name}: ${String(why)}\n`);
    }
  }
  process.stdout.write(`${benchTable(results)}\n`);
  await mkdir('test-output', { recursive: true });
  await writeFile('test-output/bench.json', `${JSON.stringify(results, null, 2)}\n`);
  process.stderr.write('JSON: test-output/bench.json\n');
  return failed || results.some(({ held }) => !held) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
