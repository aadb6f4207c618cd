import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectEngine, ensureImages, getFiles } from '../../../lab/engine/index.ts';
import { ADMIN_TOKEN } from './client.ts';
import { vectorFile, vectorFiles } from './vectors.ts';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** kubectl with one server, in a folder with the recording's manifests. */
export interface Kubectl {
  readonly version: string;
  /** Runs recorded arguments, with the quotes they were recorded with. */
  run(line: string, stdin?: string): Promise<Ran>;
  remove(): void;
}

const PROGRAM = '/usr/bin/kubectl';
const TIMEOUT_MS = 60_000;

/**
 * @param url of the server
 * @param program a kubectl to use; without it ($KUBECTL) that of the control-plane image, which is what users of a lab type
 */
export async function kubectlFor(url: string, program = process.env.KUBECTL): Promise<Kubectl> {
  const folder = mkdtempSync(join(tmpdir(), 'hoplab-kubectl-'));
  const path = program ?? (await fromImage(join(folder, 'kubectl')));
  for (const file of vectorFiles()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), vectorFile(file));
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: ADMIN_TOKEN } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(config));
  const run = (line: string, stdin = ''): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder };
      const options = { cwd: folder, env, timeout: TIMEOUT_MS };
      const child = execFile('sh', ['-c', `"$0" ${line}`, path], options, (error, stdout, stderr) => {
        resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : error ? 1 : 0 });
      });
      child.stdin?.end(stdin);
    });
  const { stdout } = await run('version --client -o json');
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string } };
  return {
    version: clientVersion.gitVersion,
    run,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A copy of the image's kubectl; no container runs for it. */
async function fromImage(to: string): Promise<string> {
  const engine = await connectEngine();
  const images = await ensureImages(engine, ['node-os']);
  const container = await engine.docker.createContainer({ Image: images['node-os'].tag, Cmd: [PROGRAM] });
  try {
    const files = await getFiles(engine, container.id, PROGRAM);
    writeFileSync(to, files?.get(PROGRAM) ?? '');
    chmodSync(to, 0o755);
  } finally {
    await container.remove();
  }
  return to;
}

/** Without what is not the same in two runs: versions, ages, what the server and the controllers choose. */
export function comparable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
      .replace(/\x1b\[[\d;]*m/g, '')
      .replace(/https:\/\/[\d.]+:\d+/g, '<server>')
      .replace(/^(\s*"?(resourceVersion|uid)"?: ).*$/gm, '$1<own>')
      .replace(/^.*openshift-service-ca\.crt.*\n(.*Optional.*\n)?/gm, '')
      .replace(/\b10\.96\.\d+\.\d+\b/g, '<address>')
      .replace(/\b\d+[smhdy](\d+[smhdy])?\b/g, '<age>')
      .replace(/<age> \(x\d+ over <age>\)/g, '<age>')
      .replace(/[ \t]+/g, ' ')
      .replace(/-+( -+)+/g, '---')
      .replace(/[ \t]+$/gm, '')
  );
}
