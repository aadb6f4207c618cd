import { createHash } from 'node:crypto';
import { notAcceptable, type Registry } from '../../registry/index.ts';
import { type Answer, jsonAnswer, pageNotFound } from '../output/answer.ts';
import { aggregated, apiGroup, apiGroupList, apiResourceList, apiVersions } from './documents.ts';
import { openApiV2, openApiV3, openApiV3Index } from './openapi.ts';
import { SWAGGER_PROTOBUF, SWAGGER_PROTOBUF_ANSWER, swaggerProtobuf } from './swagger-protobuf.ts';

/** What the server says it is: hoplab, with the API of 1.31. */
export const VERSION = {
  major: '1',
  minor: '31',
  gitVersion: 'v1.31.0+hoplab',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.22.12',
  compiler: 'gc',
  platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const;

/** Documents that describe the server; made when first asked for, then kept as bytes. */
export class Discovery {
  readonly #registry: Registry;
  readonly #address: string;
  readonly #made = new Map<string, Answer | undefined>();

  /** @param address host:port that clients outside are told to use */
  constructor(registry: Registry, address: string) {
    this.#registry = registry;
    this.#address = address;
  }

  /** @returns undefined when the path is none of discovery's, or nothing is served there */
  answer(path: string, accept: string): Answer | undefined {
    const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
    if (trimmed === '/api' || trimmed === '/apis') return this.#root(trimmed, accept);
    const [, root, ...rest] = trimmed.split('/');
    if (root === 'api' && rest.length === 1)
      return this.#once(trimmed, () => apiResourceList(this.#registry, '', rest[0] ?? '')) ?? pageNotFound();
    if (root === 'apis' && rest.length === 1)
      return this.#once(trimmed, () => apiGroup(this.#registry, rest[0] ?? '')) ?? pageNotFound();
    if (root === 'apis' && rest.length === 2)
      return (
        this.#once(trimmed, () => apiResourceList(this.#registry, rest[0] ?? '', rest[1] ?? '')) ??
        pageNotFound()
      );
    if (trimmed === '/version') return jsonAnswer(VERSION);
    return root === 'openapi' ? this.#openApi(rest, accept) : undefined;
  }

  #root(path: string, accept: string): Answer | undefined {
    const found = /as=APIGroupDiscoveryList/.test(accept) && /[;,]\s*v=(v2(?:beta1)?)\b/.exec(accept);
    const core = path === '/api';
    if (!found)
      return this.#once(path, () => (core ? apiVersions(this.#address) : apiGroupList(this.#registry)));
    const version = found[1] ?? 'v2';
    const answer = this.#once(`${path} ${version}`, () => aggregated(this.#registry, core, version));
    if (!answer) return undefined;
    const hash = createHash('sha512')
      .update(answer.body[0] ?? '')
      .digest('hex')
      .toUpperCase();
    return {
      ...answer,
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      headers: { 'Cache-Control': 'public', ETag: `"${hash}"`, Vary: 'Accept' },
    };
  }

  #openApi(rest: readonly string[], accept: string): Answer | undefined {
    const [dialect, root, ...groupVersion] = rest;
    const { gitVersion } = VERSION;
    const noJson = accept !== '' && !/json|\*\/\*/.test(accept);
    if (dialect === 'v2' && root === undefined) {
      if (noJson && (accept.includes(SWAGGER_PROTOBUF) || accept.includes(SWAGGER_PROTOBUF_ANSWER)))
        return this.#swaggerProtobuf();
      if (noJson && accept.includes('protobuf'))
        throw notAcceptable(
          `only the following media types are accepted: application/json, ${SWAGGER_PROTOBUF}`,
        );
      return this.#once('v2', () => openApiV2(this.#registry, gitVersion));
    }
    if (noJson && accept.includes('protobuf'))
      throw notAcceptable('only the following media types are accepted: application/json');
    if (dialect !== 'v3') return undefined;
    if (root === undefined) return this.#once('v3', () => openApiV3Index(this.#registry));
    const [group, version] = root === 'api' ? ['', groupVersion[0]] : groupVersion;
    if ((root !== 'api' && root !== 'apis') || version === undefined) return undefined;
    return this.#once(`v3 ${group}/${version}`, () =>
      openApiV3(this.#registry, group ?? '', version, gitVersion),
    );
  }

  #swaggerProtobuf(): Answer {
    const key = `v2 ${SWAGGER_PROTOBUF}`;
    const known = this.#made.get(key);
    if (known) return known;
    const body = swaggerProtobuf(openApiV2(this.#registry, VERSION.gitVersion));
    const answer: Answer = { code: 200, contentType: SWAGGER_PROTOBUF_ANSWER, body: [body] };
    this.#made.set(key, answer);
    return answer;
  }

  #once(key: string, make: () => unknown): Answer | undefined {
    if (this.#made.has(key)) return this.#made.get(key);
    const value = make();
    const answer = value === undefined ? undefined : jsonAnswer(value);
    // Only what exists is kept: keys of other paths are the client's choice.
    if (answer) this.#made.set(key, answer);
    return answer;
  }
}
