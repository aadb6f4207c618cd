import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANGING_LEFT_OUT } from './left-out.ts';
import { startTestCluster, type TestCluster } from './support/cluster.ts';
import { loadKinds } from './support/kinds.ts';
import { comparable, type Kubectl, kubectlFor, type Ran } from './support/kubectl.ts';
import { isChanging } from './support/kubectl-groups.ts';
import { type KubectlStep, kubectlSteps } from './support/kubectl-steps.ts';
import { loadMainState } from './support/main-state.ts';
import type { TestServer } from './support/server.ts';
import { type Vector, vectorFile, vectors } from './support/vectors.ts';

const isLeftOut = ({ name }: Vector): boolean => CHANGING_LEFT_OUT.some(({ names }) => names.test(name));
const all = vectors();
const ofGroup = (group: string): readonly Vector[] =>
  all.filter((vector) => isChanging(vector) && vector.group === group);

/** Commands that changed nothing ran before this step; the others before the step of the next one that did. */
const BEFORE: Readonly<Record<string, string>> = {
  'v-label-no-overwrite': 'label svc web env=dev --overwrite -n verbs',
  'v-taint-again': 'taint nodes worker2 key:NoSchedule-',
  'v-describe-node-tainted': 'taint nodes worker2 key:NoSchedule-',
};
/** Which of several equal steps is a vector's, when it is not the first. */
const OCCURRENCE: Readonly<Record<string, number>> = { 'v-set-image-same': 2 };

describe.each(['01-empty', '02-apply', '30-kubectl-verbs'])(
  'kubectl commands of %s, one after the other',
  (group) => {
    let cluster: TestCluster;
    let kubectl: Kubectl;
    let steps: KubectlStep[];
    let done: KubectlStep[] = [];
    const namespace = group.startsWith('30') ? 'verbs' : 'default';

    async function begin(): Promise<void> {
      cluster = await startTestCluster();
      if (group === '30-kubectl-verbs') await loadMainState(cluster.server, await loadKinds());
      kubectl = await kubectlFor(cluster.server.api.url);
      steps = [...kubectlSteps(group)];
      done = [];
    }
    async function end(): Promise<void> {
      kubectl?.remove();
      await cluster?.close();
    }
    beforeAll(begin);
    afterAll(end);

    // A second try is of a new cluster, in the state that the first one found.
    let found = { steps: [] as KubectlStep[], done: [] as KubectlStep[] };
    beforeEach(async ({ task }) => {
      if (task.result?.retryCount) {
        await end();
        await begin();
        for (const step of found.done) await runStep(step);
        steps = [...found.steps];
      }
      found = { steps: [...steps], done: [...done] };
    });

    /** Runs what was run before a command and is no vector itself. @returns the command's own step */
    async function catchUp(vector: Vector): Promise<KubectlStep | undefined> {
      const own = ownStep(vector);
      const others = ofGroup(group);
      const next = others.slice(others.indexOf(vector) + 1).find((each) => ownStep(each) >= 0);
      const before = steps.findIndex(({ line }) => line === BEFORE[vector.name]);
      const until = [own, before, next ? ownStep(next) : -1].find((at) => at >= 0) ?? steps.length;
      for (const step of steps.splice(0, until)) await runStep(step);
      return own >= 0 ? steps.shift() : undefined;
    }

    /** A step is listed only for what changed something, so never for what failed. */
    function ownStep({ name, cmd, first }: Vector): number {
      if (/^# exit: [1-9]/m.test(cmd)) return -1;
      const line = first.replace(/^\S+ /, '');
      const found = steps.flatMap((step, index) => (step.line === line ? [index] : []));
      return found[(OCCURRENCE[name] ?? 1) - 1] ?? -1;
    }

    async function runStep(step: KubectlStep): Promise<Ran> {
      const { line, stdin } = step;
      done.push(step);
      const ran = await kubectl.run(line, stdin);
      if (line.endsWith('00-nodes.yaml')) await reportNodes(cluster.server);
      await cluster.settled(namespace);
      return ran;
    }

    it.each(ofGroup(group).map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
      const step = await catchUp(vector);
      const line = vector.first.replace(/^\S+ /, '');
      const ran = await runStep({ line, stdin: step?.stdin ?? '' });
      if (isLeftOut(vector)) return;
      expect({ out: shown(ran.stdout), err: shown(ran.stderr), code: ran.code }).toEqual({
        out: shown(vector.out),
        err: shown(vector.err),
        code: Number(/^# exit: (\d+)/m.exec(vector.cmd)?.[1] ?? 0),
      });
    });
  },
);

/** The status of each node as it was written while the vectors were recorded: without it nothing has room there. */
async function reportNodes({ client }: TestServer): Promise<void> {
  for (const name of ['controlpl1', 'worker1', 'worker2']) {
    const body = JSON.parse(vectorFile(`manifests/node-status-${name}.json`));
    const headers = { 'content-type': 'application/merge-patch+json' };
    const { code } = await client.send('PATCH', `/api/v1/nodes/${name}/status`, { body, headers });
    expect(code).toBe(200);
  }
}

/** Names that the controllers choose are another's; rows stand in their order. */
function shown(text: string): readonly string[] {
  const own = comparable(text)
    .replace(/\b(web|hello)-[a-f0-9]{8,10}(-[a-z0-9]{5})?\b/g, '$1-<hash>')
    .replace(/pod-template-hash=[a-f0-9]+/g, 'pod-template-hash=<hash>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/:3[0-2]\d{3}\/TCP/g, ':<port>/TCP');
  return own.split('\n').sort();
}
