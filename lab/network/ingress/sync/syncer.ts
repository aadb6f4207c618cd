import type { Log } from '../../../api/klog.ts';
import {
  type BackendRef,
  buildModel,
  type EndpointSource,
  endpointsOf,
  type Model,
  type ModelOptions,
  type Objects,
  type Problem,
} from '../model/index.ts';
import type { Files, NginxControl } from '../nginx/index.ts';
import type { Ingress } from '../objects.ts';
import { type Rendered, type RenderOptions, renderConf, renderDynamic } from '../render/index.ts';
import { findRefused } from './refused.ts';

export interface SyncReport {
  /** A configuration was refused, or did not come to life. */
  failed(reason: string): void;
  reloaded(checksum: string, atMs: number): void;
  /** All that does not take effect, each time anew. */
  problems(problems: readonly Problem[]): void;
}

export interface SyncerOptions {
  readonly nginx: NginxControl;
  readonly objects: () => Objects;
  readonly endpoints: EndpointSource;
  readonly model: () => ModelOptions;
  readonly render: () => RenderOptions;
  readonly defaultCertificate: string;
  readonly report: SyncReport;
  readonly log: Log;
}

export const DEFAULT_CERTIFICATE = 'default-fake-certificate.pem';
const RETRY_MS = 1_000;

/** What of an Ingress nginx.conf depends on; its status, for one, is not of it. */
const contentOf = ({ metadata, spec }: Ingress): string =>
  JSON.stringify([metadata.uid, metadata.annotations ?? {}, spec ?? {}]);

/**
 * Brings nginx to what the objects want. Endpoints are handed over at once; the file is another matter: one reload after the other,
 * each with all that has changed meanwhile.
 */
export class Syncer {
  readonly #options: SyncerOptions;
  /** Of what the objects want now, of what is live, and of what was before: all may still be asked for. */
  #models: readonly Model[] = [];
  #checksum = '';
  #posted: string | undefined;
  #good = new Set<string>();
  #refused = new Map<string, string>();
  #confWanted = false;
  #postWanted = false;
  #confRun: Promise<void> | undefined;
  #postRun: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: SyncerOptions) {
    this.#options = options;
  }

  /** Whether there has been a configuration. */
  get isLive(): boolean {
    return this.#checksum !== '';
  }

  get checksum(): string {
    return this.#checksum;
  }

  /** Objects of the configuration have changed. */
  changed(): void {
    this.#confWanted = true;
    if (this.#stopped) return;
    this.#confRun ??= this.#turn()
      .then(() => this.#confLoop())
      .finally(() => {
        this.#confRun = undefined;
      });
  }

  /** Endpoints or services have changed. */
  endpointsChanged(): void {
    this.#postWanted = true;
    if (this.#stopped || !this.isLive) return;
    this.#postRun ??= this.#turn()
      .then(() => this.#postLoop())
      .finally(() => {
        this.#postRun = undefined;
      });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#confRun || this.#postRun) await Promise.all([this.#confRun, this.#postRun]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.idle();
  }

  /** What one list or one apply brings arrives in one go. */
  #turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async #confLoop(): Promise<void> {
    while (this.#confWanted && !this.#stopped) {
      this.#confWanted = false;
      try {
        await this.#sync();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log.error('Error reloading NGINX, will retry', { err: reason });
        this.#options.report.failed(reason);
        this.#retry = setTimeout(() => this.changed(), RETRY_MS);
        return;
      }
    }
  }

  async #postLoop(): Promise<void> {
    while (this.#postWanted && !this.#stopped) {
      this.#postWanted = false;
      try {
        await this.#post();
      } catch (error) {
        this.#options.log.warn('Dynamic reconfiguration failed, will retry', { err: error });
        this.#posted = undefined;
        this.#retry = setTimeout(() => this.endpointsChanged(), RETRY_MS);
        return;
      }
    }
  }

  /** Only what differs from what nginx has been told. */
  async #post(): Promise<void> {
    const [newest] = this.#models;
    if (!newest) return;
    const { endpoints, nginx, render } = this.#options;
    const backends = new Map<string, BackendRef>();
    for (const model of this.#models) {
      for (const [id, ref] of model.backends) if (!backends.has(id)) backends.set(id, ref);
    }
    const fallback = `127.0.0.1:${render().defaultServerPort}`;
    const text = renderDynamic(newest, backends, (ref) => endpointsOf(ref, endpoints), fallback);
    if (text === this.#posted) return;
    this.#posted = text;
    await nginx.post(text);
  }

  async #sync(): Promise<void> {
    const { log, nginx, report } = this.#options;
    let [model, rendered] = this.#wanted();
    if (rendered.checksum !== this.#checksum) {
      log.info('Configuration changes detected, backend reload required');
      await nginx.writeFiles(this.#files(model));
      const complaint = await nginx.check(rendered.text);
      if (complaint !== undefined) {
        await this.#exclude(model, complaint);
        [model, rendered] = this.#wanted();
      }
    }
    report.problems([...model.problems, ...this.#refusals(model)]);
    const [live, before] = this.#models;
    if (rendered.checksum === this.#checksum) {
      // The same file, but the annotations that take no reload may differ.
      this.#models = [model, ...(before ? [before] : [])];
      await this.#post();
      return;
    }
    await nginx.writeFiles(this.#files(model));
    this.#models = [model, ...(live ? [live] : []), ...(before ? [before] : [])];
    // Workers of the new configuration find the endpoints of its backends, those of the old one theirs.
    if (this.isLive) await this.#post();
    await nginx.apply(rendered.text, rendered.checksum);
    this.#checksum = rendered.checksum;
    this.#models = [model, ...(live ? [live] : [])];
    await this.#post();
    this.#good = new Set(model.ingresses.map(contentOf));
    await nginx.keepFiles(this.#files(...this.#models));
    log.info('Backend successfully reloaded', { checksum: rendered.checksum });
    report.reloaded(rendered.checksum, Date.now());
  }

  #wanted(
    without: (ingress: Ingress) => boolean = (one) => this.#refused.has(contentOf(one)),
  ): [Model, Rendered] {
    const { objects, model, render } = this.#options;
    const all = objects();
    const ingresses = all.ingresses.filter((one) => !without(one));
    const built = buildModel({ ingresses, classes: all.classes, secret: (key) => all.secret(key) }, model());
    return [built, renderConf(built, render())];
  }

  /** Finds out which Ingress nginx does not like, and leaves it out until it changes. @throws Error when it is none */
  async #exclude(model: Model, complaint: string): Promise<void> {
    const { log, nginx, report } = this.#options;
    report.failed(complaint);
    const isGood = (one: Ingress) => this.#good.has(contentOf(one));
    const suspectsLast = [
      ...model.ingresses.filter(isGood),
      ...model.ingresses.filter((one) => !isGood(one)),
    ];
    const refused = await findRefused(suspectsLast, (part) => {
      const kept = new Set(part);
      const [, rendered] = this.#wanted((one) => !kept.has(one));
      return nginx.check(rendered.text);
    });
    for (const [ingress, reason] of refused) {
      this.#refused.set(contentOf(ingress), reason);
      const { namespace, name } = ingress.metadata;
      log.error('NGINX refuses an Ingress, leaving it out', { ingress: `${namespace}/${name}`, err: reason });
    }
  }

  #refusals(model: Model): Problem[] {
    const present = new Map(this.#options.objects().ingresses.map((one) => [contentOf(one), one]));
    const problems: Problem[] = [];
    for (const [content, complaint] of this.#refused) {
      const ingress = present.get(content);
      if (!ingress || model.ingresses.includes(ingress)) this.#refused.delete(content);
      else
        problems.push({ ingress, reason: 'Rejected', message: `not served, NGINX refuses it: ${complaint}` });
    }
    return problems;
  }

  #files(...models: readonly Model[]): Files {
    const certificates = new Map([[DEFAULT_CERTIFICATE, this.#options.defaultCertificate]]);
    const passwords = new Map<string, string>();
    for (const { certificate, locations } of models.flatMap(({ servers }) => servers)) {
      if (certificate) certificates.set(`${certificate.id}.pem`, certificate.pem);
      for (const { auth } of locations) {
        if (auth !== undefined && auth !== 'denied') passwords.set(`${auth.id}.htpasswd`, auth.text);
      }
    }
    return { certificates, passwords };
  }
}
