import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadKinds } from './support/kinds.ts';
import { type Kubectl, kubectlFor } from './support/kubectl.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let kubectl: Kubectl;
beforeAll(async () => {
  server = await startTestServer({ kinds: await loadKinds() });
  kubectl = await kubectlFor(server.api.url);
});
afterAll(async () => {
  kubectl?.remove();
  await server?.close();
});

/** @returns what kubectl says of an object of that kind */
async function created(apiVersion: string, kind: string): Promise<string> {
  const { stderr, code } = await kubectl.run(
    'create -f -',
    `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: a }\n`,
  );
  expect(code).toBe(1);
  return stderr;
}

it('kubectl says of a kind that is not served that there is none, whoever else is in its group', async () => {
  for (const [apiVersion, kind] of [
    ['batch/v1', 'Job'],
    ['apps/v1', 'StatefulSet'],
    ['v1', 'LimitRange'],
    ['crd.projectcalico.org/v1', 'BGPPeer'],
  ] as const) {
    expect(await created(apiVersion, kind)).toContain(
      `no matches for kind "${kind}" in version "${apiVersion}"`,
    );
  }
});

it('a kind that can only be read refuses to be made', async () => {
  expect(await created('crd.projectcalico.org/v1', 'WorkloadEndpoint')).toContain(
    'the server does not allow this method on the requested resource',
  );
});
