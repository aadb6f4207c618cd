import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KUBECTL_LEFT_OUT } from './left-out.ts';
import { ADMIN_TOKEN } from './support/client.ts';
import { loadKinds } from './support/kinds.ts';
import { loadMainState } from './support/main-state.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { vectorFile, vectorFiles, vectors } from './support/vectors.ts';

/** What kubectl is there: $KUBECTL, or the one on PATH. */
const KUBECTL = process.env.KUBECTL ?? 'kubectl';

function kubectlVersion(): string | undefined {
  try {
    const out = execFileSync(KUBECTL, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return (JSON.parse(out) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
  } catch {
    return undefined;
  }
}

const version = kubectlVersion();
const reason = version === undefined ? `: skipped, no ${KUBECTL} on PATH` : ` (${version})`;

/** Recorded against the state that can be loaded as it was: reading commands. */
const chosen = vectors().filter(
  ({ first, group, name }) =>
    first.startsWith('kubectl-1.32 ') &&
    /^(10-get|11-describe|15-kubectl-info)$/.test(group) &&
    !KUBECTL_LEFT_OUT.some(({ names }) => names.test(name)),
);

describe.skipIf(version === undefined)(
  `kubectl prints what it printed against a real server${reason}`,
  () => {
    let server: TestServer;
    let folder: string;
    const clock = { now: new Date() };

    beforeAll(async () => {
      const kinds = await loadKinds();
      server = await startTestServer({ kinds, advertiseAddress: '10.1.110.108', now: () => clock.now });
      await loadMainState(server, kinds);
      folder = mkdtempSync(join(tmpdir(), 'hoplab-kubectl-'));
      for (const file of vectorFiles()) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), vectorFile(file));
      }
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: server.api.url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: ADMIN_TOKEN } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      };
      writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(config));
    });
    afterAll(async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(chosen.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
      clock.now = new Date(vector.at);
      const { stdout, stderr, code } = await run(vector.first.replace(/^\S+ /, ''));
      // Columns to the blank where the ages happen to be the same.
      if (stdout !== vector.out) expect(comparable(stdout)).toBe(comparable(vector.out));
      expect(comparable(stderr)).toBe(comparable(vector.err));
      expect(code).toBe(Number(/^# exit: (\d+)/m.exec(vector.cmd)?.[1] ?? 0));
    });

    /** Runs recorded arguments, with the quotes they were recorded with. */
    function run(line: string): Promise<{ stdout: string; stderr: string; code: number }> {
      return new Promise((resolve) => {
        const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder };
        execFile(
          'sh',
          ['-c', `"$0" ${line}`, KUBECTL],
          { cwd: folder, env, timeout: 30_000 },
          (error, stdout, stderr) => {
            resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : error ? 1 : 0 });
          },
        );
      });
    }
  },
);

/** Without what is not the same in two runs: versions, and ages where kubectl computes them or a second has passed. */
function comparable(text: string): string {
  return text
    .replace(/https:\/\/[\d.]+:\d+/g, '<server>')
    .replace(/^(\s*"?resourceVersion"?: ).*$/gm, '$1<version>')
    .replace(/^.*openshift-service-ca\.crt.*\n(.*Optional.*\n)?/gm, '')
    .replace(/\b\d+[smhdy](\d+[smhdy])?\b/g, '<age>')
    .replace(/<age> \(x\d+ over <age>\)/g, '<age>')
    .replace(/[ \t]+/g, ' ')
    .replace(/-+( -+)+/g, '---')
    .replace(/[ \t]+$/gm, '');
}
