import type { Clock } from '../../../api/client/index.ts';
import type { ServerConfig } from '../corefile/index.ts';
import type { DnsMetrics } from '../metrics/index.ts';
import { classOf, type Handled, logLine } from '../server/index.ts';
import { isWithin, rcodeName, typeName } from '../wire/index.ts';
import { serverName } from './blocks.ts';

/** A server that is away would fill the log. */
const ERROR_EVERY_MS = 10_000;

/** Tells what happens: in CoreDNS's log lines and in its metrics. */
export class Reporter {
  readonly #metrics: DnsMetrics;
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  #lastError = Number.NEGATIVE_INFINITY;

  constructor(metrics: DnsMetrics, clock: Clock, write: (line: string) => void) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#write = write;
  }

  info(text: string): void {
    this.#write(`[INFO] ${text}`);
  }

  warn(text: string): void {
    this.#write(`[WARNING] ${text}`);
  }

  /** Lines without a level: the banner. */
  plain(text: string): void {
    this.#write(text);
  }

  reloadFailed(error: Error): void {
    this.#metrics.reloadFailed();
    this.#write(`[ERROR] Restart failed: ${error.message}`);
  }

  /** @param config of the server block that was asked, if there is one */
  handled(handled: Handled, server: string, config: ServerConfig | undefined): void {
    const { request, response, zone, proto, error } = handled;
    const [question] = request.questions;
    if (!question) return;
    const type = typeName(question.type);
    this.#metrics.measured({
      server,
      zone,
      proto,
      family: handled.remote.address.includes(':') ? '2' : '1',
      type,
      rcode: rcodeName(response.rcode),
      requestBytes: handled.requestBytes,
      responseBytes: handled.responseBytes,
      seconds: handled.seconds,
    });
    if (config?.log?.zones.some((one) => isWithin(question.name, one))) {
      const { classes } = config.log;
      if (classes.includes('all') || classes.includes(classOf(response))) {
        this.info(logLine(handled));
      }
    }
    if (config?.errors && error !== undefined) {
      this.#write(`[ERROR] plugin/errors: ${response.rcode} ${question.name} ${type}: ${error}`);
    }
  }

  panic(error: unknown): void {
    this.#metrics.panic();
    this.#write(`[ERROR] Recovered from panic: ${(error as Error).stack ?? String(error)}`);
  }

  apiFailed(error: unknown): void {
    const now = this.#clock.now();
    if (now - this.#lastError < ERROR_EVERY_MS) return;
    this.#lastError = now;
    this.warn(`plugin/kubernetes: Kubernetes API connection failure: ${(error as Error).message}`);
  }

  plugins({ zones, listen, ...plugins }: ServerConfig): void {
    for (const at of listen) {
      for (const zone of zones) {
        for (const plugin of Object.keys(plugins)) this.#metrics.pluginEnabled(serverName(at), zone, plugin);
      }
    }
  }
}
