import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { hoplab, hoplabOk } from '../support/hoplab.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/hoplab.js', import.meta.url));
const NAMESPACE = 'kubectl-test';
const on = ['-n', 'iks'];

const kubectl = (...argv: string[]) => hoplab([...on, 'kubectl', '-n', NAMESPACE, ...argv]);
const kubectlOk = async (...argv: string[]) =>
  (await hoplabOk([...on, 'kubectl', '-n', NAMESPACE, ...argv])).stdout;
const configMap = (name: string, value = '1') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`;

/** Takes away what an earlier try of a test has left. */
const removeConfigMaps = (...names: string[]) =>
  kubectlOk('delete', 'configmap', '--ignore-not-found', ...names);

let folder: string;
const put = async (name: string, text: string) => {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  await hoplabOk(['up']);
  folder = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
  await kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found');
  await hoplabOk([...on, 'kubectl', 'apply', '-f', '-'], {
    stdin: `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${NAMESPACE}}\n`,
  });
});
afterAll(async () => {
  await kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found');
  await rm(folder, { recursive: true, force: true });
});

describe('lab kubectl', () => {
  it("gives every argument to kubectl, and kubectl's output and exit code back", async () => {
    expect(await kubectlOk('get', 'nodes', '-o', 'wide')).toMatch(/ROLES.*INTERNAL-IP[\s\S]*control-plane/);
    expect(await kubectlOk('get', 'nodes', '--help')).toContain('kubectl get');
    const missing = await kubectl('get', 'pod', 'nope');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('pods "nope" not found');
    expect((await kubectl('get', '--nosuchflag')).code).toBe(1);
  });

  it('applies a file, a directory, a pattern and stdin', async () => {
    await removeConfigMaps('one', 'two', 'three', 'four');
    const file = await put('one.yaml', configMap('one'));
    await put('dir/two.yaml', configMap('two'));
    await put('dir/deep/three.yaml', configMap('three'));
    expect(await kubectlOk('apply', '-f', file)).toContain('configmap/one created');
    expect(await kubectlOk('apply', '-f', join(folder, 'dir'))).toBe('configmap/two created\n');
    expect(await kubectlOk('apply', '-Rf', join(folder, 'dir'))).toContain('configmap/three created');
    expect(await kubectlOk('delete', '-f', join(folder, 'dir/*.yaml'))).toContain('"two" deleted');
    const { stdout } = await hoplabOk([...on, 'kubectl', 'apply', '-n', NAMESPACE, '-f', '-'], {
      stdin: configMap('four'),
    });
    expect(stdout).toBe('configmap/four created\n');
  });

  it('shows what a file would change, with the exit code of diff', async () => {
    await put('diff.yaml', configMap('diff'));
    await kubectlOk('apply', '-f', join(folder, 'diff.yaml'));
    const changed = await put('diff.yaml', configMap('diff', '2'));
    const ran = await kubectl('diff', '-f', changed);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('+  a: "2"');
  });

  it('names a file that is not there as it was typed, and leaves nothing behind', async () => {
    const ran = await kubectl('apply', '-f', 'nope/nope.yaml');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('"nope/nope.yaml" does not exist');
    const { stdout } = await hoplabOk(['exec', ...on, 'controlpl1', '--', 'ls', '/tmp']);
    expect(stdout).not.toContain('hoplab-kubectl-');
  });

  it('builds a kustomization with its base', async () => {
    await removeConfigMaps('over-base');
    await put('base/kustomization.yaml', 'resources: [map.yaml]\n');
    await put('base/map.yaml', configMap('base'));
    await put('overlay/kustomization.yaml', 'namePrefix: over-\nresources: [../base]\n');
    expect(await kubectlOk('apply', '-k', join(folder, 'overlay'))).toContain('configmap/over-base created');
  });

  it('makes objects by create, whose body kubectl sends as protobuf', async () => {
    await removeConfigMaps('by-create');
    expect(await kubectlOk('create', 'configmap', 'by-create', '--from-literal=a=1')).toBe(
      'configmap/by-create created\n',
    );
    expect(await kubectlOk('get', 'configmap', 'by-create', '-o', 'jsonpath={.data.a}')).toBe('1');
  });

  it('makes a config map from a file', async () => {
    const file = await put('key.txt', 'the text');
    const from = ['configmap', 'from', `--from-file=${file}`, `--from-file=again=${file}`];
    const made = await kubectlOk('create', ...from, '--dry-run=client', '-o', 'yaml');
    await hoplabOk([...on, 'kubectl', 'apply', '-n', NAMESPACE, '-f', '-'], { stdin: made });
    const data = await kubectlOk('get', 'configmap', 'from', '-o', 'jsonpath={.data}');
    expect(JSON.parse(data)).toEqual({ 'key.txt': 'the text', again: 'the text' });
  });

  it('edits with a program of the node', async () => {
    await kubectlOk('apply', '-f', await put('edited.yaml', configMap('edited', 'before')));
    await hoplabOk([...on, 'kubectl', '-n', NAMESPACE, 'edit', 'configmap', 'edited'], {
      env: { KUBE_EDITOR: 'sed -i s/before/after/' },
    });
    expect(await kubectlOk('get', 'configmap', 'edited', '-o', 'jsonpath={.data.a}')).toBe('after');
  });

  it('copies into a pod and out of it, and runs commands there', async () => {
    const file = await put('in.txt', 'there and back\n');
    const pod = 'frontend-1';
    await hoplabOk([...on, 'kubectl', 'cp', file, `${pod}:/tmp/copied.txt`]);
    const seen = await hoplabOk([...on, 'kubectl', 'exec', '-i', pod, '--', 'cat', '-', '/tmp/copied.txt'], {
      stdin: 'stdin, ',
    });
    expect(seen.stdout).toBe('stdin, there and back\n');
    await hoplabOk([...on, 'kubectl', 'cp', `${pod}:/tmp/copied.txt`, join(folder, 'new/out.txt')]);
    expect(await readFile(join(folder, 'new/out.txt'), 'utf8')).toBe('there and back\n');
    expect((await hoplab([...on, 'kubectl', 'exec', pod, '--', 'sh', '-c', 'exit 7'])).code).toBe(7);
  });

  it('says where port-forward listens when only kubectl knows the port', async () => {
    const ran = await kubectl('port-forward', 'pod/nope', ':80');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/listens inside controlpl1.*lab kubeconfig/);
  });
});

describe('lab kubeconfig', () => {
  let child: ChildProcess;
  let out: string;
  let printed = '';

  async function carry(): Promise<void> {
    printed = '';
    out = join(folder, 'kubeconfig');
    child = spawn(process.execPath, [PROGRAM, 'kubeconfig', ...on, '-o', out]);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    while (!printed.includes('is carried to')) {
      if (child.exitCode !== null) throw new Error(`kubeconfig ended: ${printed}`);
      await Promise.race([once(child.stderr as never, 'data'), once(child, 'exit')]);
    }
  }
  beforeAll(carry);
  afterAll(() => void child.kill('SIGKILL'));

  const config = () => {
    const loaded = new KubeConfig();
    loaded.loadFromFile(out);
    return loaded;
  };

  it('writes a file for the user only and says how to use it', async () => {
    expect(printed).toContain(`export KUBECONFIG=${out}\n`);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
  });

  it('serves a client library, many requests at once', async () => {
    const api = config().makeApiClient(CoreV1Api);
    const lists = await Promise.all(Array.from({ length: 20 }, () => api.listNode()));
    for (const { items } of lists) expect(items.length).toBeGreaterThan(1);
  });

  it('carries a watch', async () => {
    await removeConfigMaps('watched');
    const api = config().makeApiClient(CoreV1Api);
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
    let stop: AbortController | undefined;
    const event = await new Promise<string>((resolve, reject) => {
      const watch = new Watch(config());
      watch
        .watch(
          path,
          { fieldSelector: 'metadata.name=watched' },
          (type, object) => resolve(`${type} ${object.metadata.name}`),
          (error) => reject(error ?? new Error('the watch ended')),
        )
        .then((controller) => {
          stop = controller;
          return api.createNamespacedConfigMap({
            namespace: NAMESPACE,
            body: { metadata: { name: 'watched' } },
          });
        })
        .catch(reject);
    });
    stop?.abort();
    expect(event).toBe('ADDED watched');
  });

  it('is not written over a file that is not ours', async () => {
    const file = await put('mine', 'apiVersion: v1\n');
    const ran = await hoplab(['kubeconfig', ...on, '-o', file]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('E_EXISTS');
    expect(await readFile(file, 'utf8')).toBe('apiVersion: v1\n');
  });

  it('ends with Ctrl-C, and so does the port', async () => {
    onTestFailed(async () => {
      child.kill('SIGKILL');
      await carry();
    });
    const port = Number(new URL(config().getCurrentCluster()?.server ?? '').port);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const [error] = await once(connect(port, '127.0.0.1'), 'error').catch((reason) => [reason]);
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
