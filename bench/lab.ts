import { downLab, findLab, readLabStatus, upLab } from '../lab/lifecycle/index.ts';
import { readNodeManifests } from '../lab/lifecycle/manifests.ts';
import { completePki } from '../lab/lifecycle/pki/cluster-pki.ts';
import { wantedLab } from '../lab/lifecycle/wanted.ts';
import { startBare } from './baseline.ts';
import { nodeMemory } from './memory.ts';
import { type BenchResult, median, result } from './result.ts';
import { bestInTurn, ROUNDS, type Setup } from './setup.ts';
import { fromPod, overBridge, overVeth } from './throughput.ts';

/** The lab itself: how fast it is up, what it carries between pods, what its programs hold. */
export async function benchLab(setup: Setup): Promise<BenchResult[]> {
  const { engine, topology, images, steps, quiet } = setup;
  const lab = topology.name;
  const results: BenchResult[] = [];
  try {
    results.push(await steps.run('lab up against bare containers', () => upAgainstBare(setup)));
    const status = await readLabStatus(engine, await findLab(engine, lab));
    const address = (pod: string) => status.pods.find(({ name }) => name === pod)?.ip ?? '';
    const near = () => fromPod(engine, lab, 'worker1', 'near', address('here'));
    const far = () => fromPod(engine, lab, 'worker1', 'near', address('far'));
    const veth = () => overVeth(engine, lab, images.toolbox.tag);
    const bridge = () => overBridge(engine, lab, 'probe1', 'probe2', '10.3.110.202');
    await steps.run('throughput on one node', async () => {
      const [ours, plain] = await bestInTurn(near, veth);
      results.push(
        result('pod to pod on one node, against a veth pair', 'Gbit/s', ours, plain, 'at least', 0.9),
      );
    });
    await steps.run('throughput across nodes', async () => {
      const [ours, plain] = await bestInTurn(far, bridge);
      const note = `tunl0 data plane: ${status.nodes[0]?.tunnel?.dataPlane ?? '?'}`;
      results.push(
        result('pod to pod across nodes, against the bridge', 'Gbit/s', ours, plain, 'at least', 0.1, note),
      );
    });
    const memory = await nodeMemory(engine, lab, 'worker1');
    results.push(result("memory of a node's own programs, against 150 MB", 'MB', memory, 150, 'at most', 1));
    return results;
  } finally {
    await downLab(engine, lab, quiet);
  }
}

async function upAgainstBare({ engine, topology, images, quiet }: Setup): Promise<BenchResult> {
  const wanted = wantedLab(topology, images, await readNodeManifests(topology), {
    pki: await completePki(topology, undefined),
    newAuthority: true,
  });
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await downLab(engine, topology.name, quiet);
    bare.push(await startBare(engine, wanted));
    const started = performance.now();
    await upLab(engine, { topology, dryRun: false, retain: true, timeoutMs: 120_000, steps: quiet });
    ours.push(performance.now() - started);
  }
  return result(
    'lab up, until BGP is Established and pods run',
    'ms',
    median(ours),
    median(bare),
    'at most',
    // Until the nodes are Ready in the API and every system pod runs; the network alone takes three times the bare start.
    4,
    `${wanted.containers.length} containers, ${ROUNDS} rounds in turn`,
  );
}
