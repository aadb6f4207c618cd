import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { type ApiClient, ENDPOINT_SLICES, isNotFound, SERVICES } from '../../lab/api/client/index.ts';
import type { EndpointSlice, Service } from '../../lab/api/objects/index.ts';
import { connectEngine, ensureImages } from '../../lab/engine/index.ts';
import { type NetnsApi, startNetnsApi } from './api.ts';

/*
 * The controller's image as a container without a network, and a real API server that it reaches at its own 127.0.0.1.
 * Endpoints and client are in the container as well. Needs root and Docker.
 */
const NAME = 'hoplab-netns-ingress';
const docker = promisify(execFile);
const WORLD = fileURLToPath(new URL('ingress-world.js', import.meta.url));

export interface Fetched {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Common name of the server's certificate. */
  readonly subject?: string;
}

/** What an endpoint says of a request. */
export interface Echo {
  readonly name: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: number;
}

export class IngressWorld {
  readonly api: NetnsApi;
  readonly #folder: string;
  /** A process for the endpoints and one for the client, so that neither waits for the other. */
  readonly #worlds: Readonly<Record<'endpoints' | 'client', ChildProcess>>;
  readonly #waiting = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  #next = 1;
  #program: ChildProcess | undefined;
  log = '';

  private constructor(api: NetnsApi, folder: string) {
    this.api = api;
    this.#folder = folder;
    this.#worlds = { endpoints: this.#process(), client: this.#process() };
  }

  #process(): ChildProcess {
    const child = spawn('docker', ['exec', '-i', NAME, 'node', '/world.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line);
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    return child;
  }

  static async start(): Promise<IngressWorld> {
    const images = await ensureImages(await connectEngine(() => {}), ['ingress-nginx']);
    const folder = mkdtempSync(join(tmpdir(), 'hoplab-netns-ingress-'));
    await docker('docker', ['rm', '-f', NAME]).catch(() => {});
    const image = images['ingress-nginx'].tag;
    // As a pod: no capability besides the default ones.
    await docker('docker', ['run', '-d', '--name', NAME, '--network', 'none', image, 'sleep', 'infinity']);
    const { stdout: pid } = await docker('docker', ['inspect', '-f', '{{.State.Pid}}', NAME]);
    execFileSync('ip', ['netns', 'attach', NAME, pid.trim()]);
    // Addresses for endpoints: the API takes none of 127.0.0.0/8.
    execFileSync('ip', ['-n', NAME, 'address', 'add', '192.168.0.0/16', 'dev', 'lo']);
    const api = await startNetnsApi(NAME, join(folder, 'api.sock'));
    writeFileSync(join(folder, 'ca.crt'), api.access.ca);
    writeFileSync(
      join(folder, 'kubeconfig.json'),
      JSON.stringify({ ...api.access, ca: undefined, caFile: '/ca.crt' }),
    );
    for (const file of ['ca.crt', 'kubeconfig.json']) {
      await docker('docker', ['cp', join(folder, file), `${NAME}:/${file}`]);
    }
    await docker('docker', ['cp', WORLD, `${NAME}:/world.js`]);
    return new IngressWorld(api, folder);
  }

  get client(): ApiClient {
    return this.api.client;
  }

  /** Starts the program; resolves when it says that it serves. */
  async run(...flags: string[]): Promise<void> {
    const env = ['-e', 'POD_NAME=controller-1', '-e', 'POD_NAMESPACE=iks'];
    const command = ['nginx-ingress-controller', '--kubeconfig=/kubeconfig.json', ...flags];
    this.#program = spawn('docker', ['exec', ...env, NAME, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#program.stdout, this.#program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
      });
    }
    await vi.waitFor(
      async () => {
        const { status, text } = await this.healthz();
        if (status !== 200) throw new Error(`${status} ${text}\n${this.log}`);
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  /** Ends the program as the kubelet does. @returns its exit code */
  async terminate(signal = 'TERM'): Promise<number | null> {
    const program = this.#program;
    if (!program || program.exitCode !== null) return program?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => program.on('close', (code) => resolve(code)));
    await this.sh(`pkill -${signal} -o -f ingress-controller.*kubeconfig || true`);
    return ended;
  }

  async healthz(): Promise<{ status: number; text: string }> {
    const text = await this.sh(
      `curl -s -m 2 -o /tmp/h -w '%{http_code}' 127.0.0.1:10254/healthz || true; echo; cat /tmp/h || true`,
    );
    const [status = '0', ...body] = text.split('\n');
    return { status: Number(status), text: body.join('\n') };
  }

  /** Runs a shell command in the container. */
  async sh(command: string): Promise<string> {
    const { stdout } = await docker('docker', ['exec', NAME, 'sh', '-c', command], { maxBuffer: 64 << 20 });
    return stdout;
  }

  conf(): Promise<string> {
    return this.sh('cat /etc/nginx/nginx.conf');
  }

  async command<T>(command: string, options: object = {}): Promise<T> {
    const id = this.#next++;
    const answer = new Promise<{ result?: unknown; error?: string }>((resolve) =>
      this.#waiting.set(id, resolve),
    );
    const where = command === 'listen' || command === 'close' ? 'endpoints' : 'client';
    this.#worlds[where].stdin?.write(`${JSON.stringify({ id, command, ...options })}\n`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${command}: ${error}`);
    return result as T;
  }

  fetch(path: string, options: object = {}): Promise<Fetched> {
    return this.command<Fetched>('fetch', { path, ...options });
  }

  async echo(path: string, options: object = {}): Promise<Echo> {
    const { status, text } = await this.fetch(path, options);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as Echo;
  }

  /** A service on port 80, named http, with endpoints on addresses of 192.168.0.0/16, that say `NAME-INDEX`. */
  async service(name: string, hosts: readonly string[]): Promise<void> {
    for (const [index, host] of hosts.entries()) {
      await this.command('listen', { host, port: 9000, name: `${name}-${index}` });
    }
    await this.client.create<Service>(SERVICES, {
      metadata: { name, namespace: 'default' },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] },
    });
    await this.endpoints(name, hosts);
  }

  async endpoints(name: string, hosts: readonly string[]): Promise<void> {
    const slice: EndpointSlice = {
      metadata: {
        name: `${name}-abcde`,
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': name },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 9000, protocol: 'TCP' }],
      endpoints: hosts.map((host) => ({ addresses: [host], conditions: { ready: true } })),
    };
    try {
      const found = await this.client.get<EndpointSlice>(ENDPOINT_SLICES, `${name}-abcde`, 'default');
      await this.client.update(ENDPOINT_SLICES, { ...found, endpoints: slice.endpoints });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.client.create(ENDPOINT_SLICES, slice);
    }
  }

  async close(): Promise<void> {
    for (const child of Object.values(this.#worlds)) child.kill();
    await docker('docker', ['rm', '-f', NAME]).catch(() => {});
    execFileSync('ip', ['netns', 'delete', NAME]);
    await this.api.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
