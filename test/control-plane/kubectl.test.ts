import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KUBECTL_LEFT_OUT } from './left-out.ts';
import { loadKinds } from './support/kinds.ts';
import { comparable, type Kubectl, kubectlFor } from './support/kubectl.ts';
import { isReading } from './support/kubectl-groups.ts';
import { loadMainState } from './support/main-state.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { vectors } from './support/vectors.ts';

/** Recorded against the state that can be loaded as it was: reading commands. */
const chosen = vectors().filter(
  (vector) => isReading(vector) && !KUBECTL_LEFT_OUT.some(({ names }) => names.test(vector.name)),
);

describe('kubectl prints what it printed against a real server', () => {
  let server: TestServer;
  let kubectl: Kubectl;
  const clock = { now: new Date() };

  beforeAll(async () => {
    const kinds = await loadKinds();
    server = await startTestServer({ kinds, advertiseAddress: '10.1.110.108', now: () => clock.now });
    await loadMainState(server, kinds);
    kubectl = await kubectlFor(server.api.url);
  });
  afterAll(async () => {
    kubectl?.remove();
    await server.close();
  });

  it('is the version of the recordings', () => {
    expect(kubectl.version).toMatch(/^v1\.32\./);
  });

  it.each(chosen.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    clock.now = new Date(vector.at);
    const { stdout, stderr, code } = await kubectl.run(vector.first.replace(/^\S+ /, ''));
    // Columns to the blank where the ages happen to be the same.
    if (stdout !== vector.out) expect(rows(vector, stdout)).toBe(rows(vector, vector.out));
    expect(comparable(stderr)).toBe(comparable(vector.err));
    expect(code).toBe(Number(/^# exit: (\d+)/m.exec(vector.cmd)?.[1] ?? 0));
  });
});

/**
 * Events of the autoscaler had come between the command and the dump of the objects; and kubectl sorts events of the same
 * second as it pleases.
 */
function rows({ name }: { readonly name: string }, text: string): string {
  if (!/(^|-)get-events/.test(name)) return comparable(text);
  const lines = comparable(text)
    .split('\n')
    .filter((line) => !line.includes('horizontalpodautoscaler/'));
  return (name === 'get-events-sorted' ? lines.sort() : lines).join('\n');
}
