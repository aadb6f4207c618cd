import type { Page, Request } from 'playwright-core';
import type { PageRequest } from './requests.ts';

/** Writes down what a page asks for, in the order in which it asks. */
export class Recorder {
  readonly #requests: Request[] = [];
  readonly #failures = new Map<Request, string>();
  readonly #open = new Set<Request>();
  #wake: () => void = () => {};

  constructor(page: Page) {
    page.on('request', (request) => {
      // What stands in the page itself is not asked of anybody.
      if (!/^https?:/.test(request.url())) return;
      this.#requests.push(request);
      this.#open.add(request);
    });
    page.on('requestfinished', (request) => this.#close(request));
    page.on('requestfailed', (request) => {
      this.#failures.set(request, request.failure()?.errorText ?? '');
      this.#close(request);
    });
  }

  #close(request: Request): void {
    this.#open.delete(request);
    this.#wake();
  }

  /** Resolves when every request has its answer, or could not have one. */
  async idle(): Promise<void> {
    while (this.#open.size > 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  async requests(): Promise<PageRequest[]> {
    return Promise.all(this.#requests.map((request) => this.#row(request)));
  }

  async #row(request: Request): Promise<PageRequest> {
    const common = { url: request.url(), method: request.method(), type: request.resourceType() };
    const response = await request.response().catch(() => null);
    const failure = this.#failures.get(request);
    if (!response) return { ...common, size: 0, time: 0, ...(failure === undefined ? {} : { failure }) };
    const { responseHeadersSize, responseBodySize } = await request
      .sizes()
      .catch(() => ({ responseHeadersSize: 0, responseBodySize: 0 }));
    const { requestStart, responseEnd } = request.timing();
    return {
      ...common,
      status: response.status(),
      size: responseHeadersSize + responseBodySize,
      time: Math.max(0, responseEnd - Math.max(0, requestStart)),
    };
  }
}
