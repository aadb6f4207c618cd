import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, listLabs } from '../../lab/engine/index.ts';
import { findLab, labAccess } from '../../lab/lifecycle/index.ts';
import { type LabAccess, loadScenarios, narrator, runScenarios } from '../../lab/scenario/index.ts';
import { hoplabOk } from '../support/hoplab.ts';
import { IKS } from '../support/topologies.ts';
import { UplinkWatch } from '../support/uplink.ts';

const dir = fileURLToPath(new URL('../../scenarios', import.meta.url));
const scenarios = await loadScenarios(dir);

let access: LabAccess;
let wasUp: boolean;
/** One before did not hold, and may have left the lab in any state. */
let suspect = false;
let uplink: UplinkWatch;

beforeAll(async () => {
  const engine = await connectEngine();
  wasUp = (await listLabs(engine)).includes('iks');
  uplink = await UplinkWatch.start();
  await hoplabOk(['up', '-t', IKS]);
  const lab = await findLab(engine, 'iks');
  access = labAccess(engine, lab);
  // Docker calls a bridge `br-` and the first twelve digits of its network's id.
  const nodes = lab.objects.networks.find(({ name }) => name === 'nodes');
  await uplink.watchBridge(`br-${nodes?.id.slice(0, 12)}`);
});
afterAll(async () => {
  await uplink.stop();
  if (!wasUp) await hoplabOk(['down', '-n', 'iks']);
});

describe('scenarios', () => {
  for (const scenario of scenarios) {
    it(`${scenario.name}: ${scenario.title}`, async (context) => {
      if (suspect) await hoplabOk(['up', '-t', IKS]);
      suspect = true;
      const told: string[] = [];
      const [result] = await runScenarios([scenario], access, {
        reporters: [narrator({ write: (text) => told.push(text), style: 'story', colour: false })],
      });
      suspect = result?.status === 'failed';
      if (result?.status === 'skipped') context.skip(result.skipped ?? 'skipped');
      expect(result?.status, told.join('')).toBe('passed');
      // A scenario's steps have deadlines of their own, which say more than this one.
    }, 600_000);
  }
});

describe("the host's uplink", () => {
  it('carried no packet of the lab while every scenario ran', async (context) => {
    if (uplink.unavailable) context.skip(uplink.unavailable);
    // The same filter has seen the lab's packets on the lab's own wire, so it would have seen them here.
    expect(uplink.packetsOnBridge()).toBeGreaterThan(100);
    expect(uplink.packetsOnUplinks()).toEqual([]);
  });
});
