import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import {
  type ApiClient,
  ENDPOINT_SLICES,
  EVENTS,
  INGRESSES,
  isNotFound,
  SERVICES,
} from '../../../lab/api/client/index.ts';
import type { EndpointSlice, Event, Service } from '../../../lab/api/objects/index.ts';
import { connectEngine, ensureImages } from '../../../lab/engine/index.ts';
import type { Ingress } from '../../../lab/network/ingress/objects.ts';
import { type NetnsApi, startNetnsApi } from '../api.ts';
import { Container, type Inside } from './container.ts';

/*
 * The controller's image as a container without a network, and a real API server that it reaches at its own 127.0.0.1.
 * Endpoints and client are in the container as well. Needs root and Docker.
 */
const NAME = 'hoplab-netns-ingress';
const HEALTH_PORT = 10_254;
const REVISION = /^# Configuration checksum: (\w{13})/;
export const UNTIL = { timeout: 30_000, interval: 10 };

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

/** A configuration that all workers serve. */
export interface Live {
  readonly conf: string;
  /** How many there have been since the program started. */
  readonly reloads: number;
}

export class IngressWorld {
  readonly api: NetnsApi;
  readonly #container: Container;
  readonly #folder: string;
  /** A process for the endpoints and one for the client, so that neither waits for the other. */
  readonly #endpoints: Inside;
  readonly #client: Inside;
  #program: ChildProcess | undefined;
  log = '';

  private constructor(api: NetnsApi, container: Container, folder: string) {
    this.api = api;
    this.#container = container;
    this.#folder = folder;
    this.#endpoints = container.inside();
    this.#client = container.inside();
  }

  static async start(): Promise<IngressWorld> {
    const images = await ensureImages(await connectEngine(() => {}), ['ingress-nginx']);
    const folder = mkdtempSync(join(tmpdir(), 'hoplab-netns-ingress-'));
    const container = await Container.start(NAME, images['ingress-nginx'].tag, folder);
    const api = await startNetnsApi(NAME, join(folder, 'api.sock'));
    writeFileSync(join(folder, 'ca.crt'), api.access.ca);
    const access = { ...api.access, ca: undefined, caFile: '/test/ca.crt' };
    writeFileSync(join(folder, 'kubeconfig.json'), JSON.stringify(access));
    return new IngressWorld(api, container, folder);
  }

  get client(): ApiClient {
    return this.api.client;
  }

  /** Starts the program; resolves when it says that it serves. */
  async run(...flags: string[]): Promise<void> {
    const command = ['nginx-ingress-controller', '--kubeconfig=/test/kubeconfig.json', ...flags];
    const program = this.#container.spawn(command, ['POD_NAME=controller-1', 'POD_NAMESPACE=iks']);
    this.#program = program;
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
      });
    }
    await vi.waitFor(
      async () => {
        const { status, text } = await this.fetch('/healthz', { port: HEALTH_PORT });
        if (status !== 200) throw new Error(`${status} ${text}\n${this.log}`);
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  /** Ends the program as the kubelet does. @returns its exit code */
  async terminate(): Promise<number | null> {
    await this.sh('pkill -TERM -o -f ingress-controller.*kubeconfig || true');
    return this.ended();
  }

  /** Resolves when the program and all that it has started have ended. @returns its exit code */
  async ended(): Promise<number | null> {
    const program = this.#program;
    if (!program || program.exitCode !== null) return program?.exitCode ?? null;
    return new Promise((resolve) => program.on('close', (code) => resolve(code)));
  }

  /** Runs a shell command in the container. */
  sh(command: string): Promise<string> {
    return this.#container.sh(command);
  }

  /** nginx.conf, live or not. */
  conf(): Promise<string> {
    return this.#client.command('read', { path: '/etc/nginx/nginx.conf' });
  }

  /** The value of one of the program's metrics. */
  async metric(name: string): Promise<number> {
    const { text } = await this.fetch('/metrics', { port: HEALTH_PORT });
    return Number(new RegExp(`^nginx_ingress_controller_${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /**
   * Resolves when a file as it is wanted is what all workers serve. It is swapped in before they do, and one comes after the
   * other; the metric config_hash changes when a reload is through. Log lines and answers would tell of one that was before.
   */
  live(isWanted: (conf: string) => boolean = () => true): Promise<Live> {
    return vi.waitFor(async () => {
      const conf = await this.conf();
      expect(isWanted(conf) || conf).toBe(true);
      expect(await this.metric('config_hash')).toBe(Number.parseInt(REVISION.exec(conf)?.[1] ?? '', 16));
      return { conf, reloads: await this.metric('success') };
    }, UNTIL);
  }

  apply(...objects: Ingress[]): Promise<Ingress[]> {
    return Promise.all(objects.map((one) => this.client.create<Ingress>(INGRESSES, one)));
  }

  /** Resolves when nginx serves without these Ingresses of the namespace `default`; those that are not there are fine. */
  async remove(...names: string[]): Promise<void> {
    const gone = (error: unknown) => {
      if (!isNotFound(error)) throw error;
    };
    await Promise.all(names.map((name) => this.client.delete(INGRESSES, name, 'default').catch(gone)));
    const said = new RegExp(`\\$ingress_name +"(${names.join('|')})";`);
    await this.live((conf) => !said.test(conf));
  }

  /** Of the Ingress that is there now, not of one that had its name before. */
  async eventsOf(name: string): Promise<string[]> {
    const { metadata } = await this.client.get<Ingress>(INGRESSES, name, 'default');
    const { items } = await this.client.list<Event>(EVENTS, { namespace: 'default' });
    return items
      .filter(({ involvedObject: { kind, uid } }) => kind === 'Ingress' && uid === metadata.uid)
      .map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  }

  /** A command of inside.js, to the process of the client. */
  ask<T>(command: string, options: object = {}): Promise<T> {
    return this.#client.command<T>(command, options);
  }

  fetch(path: string, options: object = {}): Promise<Fetched> {
    return this.ask<Fetched>('fetch', { path, ...options });
  }

  async echo(path: string, options: object = {}): Promise<Echo> {
    const { status, text } = await this.fetch(path, options);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as Echo;
  }

  /** A command of inside.js, to the process of the endpoints. */
  tell<T>(command: string, options: object = {}): Promise<T> {
    return this.#endpoints.command<T>(command, options);
  }

  /** An endpoint that says NAME. */
  listen(host: string, name: string): Promise<void> {
    return this.#endpoints.command('listen', { host, port: 9000, name });
  }

  /** It takes no more connections, and finishes what it serves. */
  closeEndpoint(host: string): Promise<void> {
    return this.#endpoints.command('close', { host, port: 9000 });
  }

  /** A service on port 80, named http, with endpoints on addresses of 192.168.0.0/16, that say `NAME-INDEX`. */
  async service(name: string, hosts: readonly string[]): Promise<void> {
    for (const [index, host] of hosts.entries()) await this.listen(host, `${name}-${index}`);
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
    this.#endpoints.end();
    this.#client.end();
    await this.#container.remove();
    await this.api.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
