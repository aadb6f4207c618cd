import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { connectEngine, ensureImages } from '../../lab/engine/index.ts';

const execute = promisify(execFile);

/** First part of the names of what tests make in the engine; another one keeps two runs at once apart. */
export const TEST_PREFIX = process.env.HOPLAB_TEST_PREFIX ?? 'hoplab-test';

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Waits in the container, by inotify, until an expression over status.json (`s`) holds; prints the report. */
const WAITER = `
const fs = require('fs');
const holds = new Function('s', 'pod', 'return ' + process.argv[1]);
const read = () => { try { return JSON.parse(fs.readFileSync('/run/kubelet/status.json', 'utf8')); } catch { return undefined; } };
const look = () => { const s = read(); if (!s) return; const pod = (n) => s.pods.find((p) => p.name === n);
  let yes = false; try { yes = holds(s, pod); } catch {} if (yes) { console.log(JSON.stringify(s)); process.exit(0); } };
fs.mkdirSync('/run/kubelet', { recursive: true });
fs.watch('/run/kubelet', look); look();
setTimeout(() => { console.error('not within the deadline: ' + process.argv[1] + '\\n' + JSON.stringify(read(), null, 1)); process.exit(1); }, Number(process.argv[2]));
`;

/** One node container with the kubelet of this source tree, and the engine's objects that go with it. */
export class NodeContainer {
  readonly name: string;
  readonly #bin: string;

  constructor(name: string) {
    this.name = name;
    this.#bin = mkdtempSync(join(tmpdir(), `${name}-`));
  }

  async docker(...args: string[]): Promise<string> {
    const { stdout } = await execute('docker', args, { maxBuffer: 16 << 20 });
    return stdout;
  }

  /**
   * @param mounts more arguments of `docker run` @param prepare shell text that runs before the first kubelet
   */
  async start(mounts: readonly string[] = [], prepare = ':'): Promise<void> {
    await this.remove();
    // kubelet-api.test.ts needs an image with kubectl too.
    const image =
      process.env.HOPLAB_NODE_IMAGE ?? (await ensureImages(await connectEngine(), ['node'])).node.tag;
    for (const [program, entry] of [
      ['kubelet', 'lab/node/kubelet/main.ts'],
      ['nodectl', 'lab/node/ctl/main.ts'],
    ] as const) {
      await build({
        entryPoints: [entry],
        bundle: true,
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        banner: { js: '#!/usr/bin/env -S node --max-semi-space-size=1' },
        outfile: join(this.#bin, program),
      });
      await execute('chmod', ['+x', join(this.#bin, program)]);
    }
    const programs = ['kubelet', 'nodectl'].flatMap((program) => [
      '-v',
      `${join(this.#bin, program)}:/usr/local/bin/${program}:ro`,
    ]);
    await this.docker(
      'run',
      '--detach',
      '--init',
      '--name',
      this.name,
      '--hostname',
      'worker1',
      '--entrypoint',
      'bash',
      '--cap-add',
      'NET_ADMIN',
      '--cap-add',
      'SYS_ADMIN',
      '--device',
      '/dev/net/tun',
      '--tmpfs',
      '/run',
      '-v',
      `${this.name}:/var/lib/kubelet`,
      '-v',
      `${this.name}-images:/var/lib/hoplab/images`,
      '-e',
      'HOPLAB_NODE=worker1',
      ...programs,
      ...mounts,
      image,
      '-c',
      // The loop is the test's tini: it starts a kubelet anew when a test has killed it.
      `mount -o remount,rw /proc/sys; mkdir -p /opt/cni; [ -e /opt/cni/bin ] || ln -s /usr/lib/cni /opt/cni/bin; mkdir -p /run/calico; echo '{"ready":true}' >/run/calico/status.json; mkdir -p /var/lib/hoplab/images/refs; ${prepare}; while :; do kubelet; done`,
    );
  }

  /** Runs a shell text in the node; never throws. */
  async sh(script: string, input?: string): Promise<Output> {
    const args = ['exec', ...(input === undefined ? [] : ['-i']), this.name, 'bash', '-c', script];
    return new Promise((resolve) => {
      const child = execFile('docker', args, { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
      child.stdin?.end(input);
    });
  }

  /** As {@link sh}. @returns standard output. @throws Error when the script fails */
  async out(script: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.sh(script, input);
    if (code !== 0) throw new Error(`exit code ${code}: ${script}\n${stdout}${stderr}`);
    return stdout.trim();
  }

  /** Puts a manifest as the host side does: written beside, then renamed. @returns the time of the rename, ms */
  async manifest(name: string, text: string): Promise<number> {
    const dir = '/etc/kubernetes/manifests';
    const at = await this.out(
      `mkdir -p ${dir}; cat > ${dir}/.${name}; date +%s%3N; mv ${dir}/.${name} ${dir}/${name}.yaml`,
      text,
    );
    return Number(at);
  }

  async removeManifest(name: string): Promise<void> {
    await this.out(`rm /etc/kubernetes/manifests/${name}.yaml`);
  }

  /** @param expression JavaScript over `s` (status.json) and `pod(name)` @returns the report that fulfilled it */
  async until(
    expression: string,
    timeout = 15_000,
  ): Promise<{ pods: Record<string, never>[] } & Record<string, unknown>> {
    const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    return JSON.parse(await this.out(`node -e ${quoted(WAITER)} ${quoted(expression)} ${timeout}`));
  }

  /** Makes an image of the store out of the node's own files: a root file system with a static shell is enough. */
  async addImage(ref: string, config: Record<string, unknown>): Promise<void> {
    const id = `id-${ref.replace(/\W/g, '-')}`;
    await this.out(
      `cd /var/lib/hoplab/images && mkdir -p ${id}/rootfs && cd ${id}/rootfs && mkdir -p etc tmp proc sys dev usr &&
       cp -a /usr/bin /usr/lib usr/ 2>/dev/null; cp -a /usr/lib64 usr/ 2>/dev/null; cp -a /bin /lib /lib64 . 2>/dev/null; cp /etc/passwd /etc/group etc/;
       cat > ../config.json && touch ../complete && echo '{"id":"${id}","ref":"${ref}"}' > ../../refs/.new && mv ../../refs/.new ../../refs/${encodeURIComponent(ref)}.json`,
      JSON.stringify(config),
    );
  }

  async remove(): Promise<void> {
    spawnSync('docker', ['rm', '--force', '--volumes', this.name]);
    spawnSync('docker', ['volume', 'rm', '--force', this.name, `${this.name}-images`]);
  }

  async destroy(): Promise<void> {
    await this.remove();
    rmSync(this.#bin, { recursive: true, force: true });
  }
}
