import { request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kind } from '../../lab/control-plane/registry/index.ts';
import { pick, seeded } from '../../lab/testing/index.ts';
import { ADMIN_TOKEN } from './support/client.ts';
import { loadKinds } from './support/kinds.ts';
import { anyValue, mutate } from './support/random.ts';
import { ACCEPTS, PARAMETERS, PIECES, SELECTORS, VALUES } from './support/request-words.ts';
import { fieldNames, fromSchema } from './support/schema-values.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { requestVectors } from './support/vectors.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20260120);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1500);

let server: TestServer;
let kinds: readonly Kind[];
let keys: readonly string[];
beforeAll(async () => {
  kinds = await loadKinds();
  keys = [...new Set(kinds.flatMap(({ schema }) => fieldNames(schema)))];
  server = await startTestServer({ kinds });
});
afterAll(() => server.close());

/** A refusal of the server's is fine, also the few 500 of a real one (they have no reason); a bug of ours is not. */
async function sane(method: string, path: string, headers: Record<string, string>, body?: string | Buffer) {
  const what = `seed ${SEED}: ${method} ${path} ${JSON.stringify(headers)} ${String(body).slice(0, 2000)}`;
  const reply = await server.client.send(method, path, { headers, ...(body === undefined ? {} : { body }) });
  expect(reply.json?.reason, `${what}\n${reply.text.slice(0, 500)}\n${server.problems.at(-1)}`).not.toBe(
    'InternalError',
  );
  // Taken away, so that one bug fails one test.
  expect(server.problems.splice(0), what).toEqual([]);
}

const pathOf = (kind: Kind): string => {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return `${root}${kind.namespaced ? '/namespaces/default' : ''}/${kind.plural}`;
};

describe(`fuzzing (seed ${SEED})`, () => {
  it('objects of every kind, made after the schema and mutated', { timeout: 180_000 }, async () => {
    const random = seeded(SEED);
    for (let round = 0; round < ROUNDS; round++) {
      const kind = pick(random, kinds);
      const object = fromSchema(random, kind.schema, keys) as Record<string, unknown>;
      if (typeof object !== 'object' || object === null) continue;
      if (random() < 0.9) {
        delete object.apiVersion;
        delete object.kind;
        object.metadata = { ...(random() < 0.3 ? (object.metadata as object) : {}), name: `f${round % 40}` };
        if (random() < 0.7) delete (object.metadata as Record<string, unknown>).namespace;
      }
      const named = random() < 0.3;
      const path = named ? `${pathOf(kind)}/f${round % 40}` : pathOf(kind);
      const query = pick(random, [
        '',
        '',
        '?dryRun=All',
        '?fieldValidation=Strict',
        '?fieldValidation=x&dryRun=y',
      ]);
      await sane(named ? 'PUT' : 'POST', path + query, {}, JSON.stringify(object));
    }
  });

  it('recorded requests, mutated', { timeout: 180_000 }, async () => {
    const random = seeded(SEED + 1);
    const vectors = requestVectors().filter(({ body }) => body !== '');
    await sane('POST', '/api/v1/namespaces', {}, JSON.stringify({ metadata: { name: 'errs' } }));
    for (let round = 0; round < ROUNDS && vectors.length > 0; round++) {
      const vector = pick(random, vectors);
      let body = vector.body;
      try {
        body = JSON.stringify(mutate(random, JSON.parse(body), keys)) ?? '';
      } catch {
        // Not JSON: cut it somewhere.
        body = body.slice(0, Math.floor(random() * body.length));
      }
      if (random() < 0.1) body = body.slice(0, Math.floor(random() * body.length));
      const type = vector.headers['Content-Type'] ?? 'application/json';
      await sane(vector.method, vector.path, { 'Content-Type': type }, body);
    }
  });

  it('patches of every kind', { timeout: 180_000 }, async () => {
    const random = seeded(SEED + 2);
    const types = ['json-patch', 'merge-patch', 'strategic-merge-patch'];
    for (let round = 0; round < ROUNDS; round++) {
      const kind = pick(random, kinds);
      const type = pick(random, types);
      const name = random() < 0.2 && kind.plural === 'services' ? 'kubernetes' : `f${round % 40}`;
      const subresource = pick(random, ['', '', '/status', '/scale']);
      const operations = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        op: pick(random, ['add', 'remove', 'replace', 'move', 'copy', 'test', 'x', 1]),
        path: pick(random, [
          '/metadata/labels',
          '/spec',
          '/spec/ports/0',
          '/spec/ports/-',
          '',
          '/a~2b',
          '/__proto__/x',
          'x',
          3,
        ]),
        from: pick(random, ['/metadata', '/spec', '', '/nope', null]),
        value: anyValue(random, keys, 2),
      }));
      const change =
        type === 'json-patch' && random() < 0.8
          ? operations
          : random() < 0.5
            ? fromSchema(random, kind.schema, keys)
            : anyValue(random, keys);
      const body = JSON.stringify(change) ?? '';
      await sane(
        'PATCH',
        `${pathOf(kind)}/${name}${subresource}`,
        { 'Content-Type': `application/${type}+json` },
        body,
      );
    }
  });

  it('paths, queries, selectors, headers', { timeout: 180_000 }, async () => {
    const random = seeded(SEED + 3);
    for (let round = 0; round < ROUNDS; round++) {
      const isList = random() < 0.5;
      const path = isList
        ? pathOf(pick(random, kinds))
        : `/${Array.from({ length: 1 + Math.floor(random() * 7) }, () => pick(random, PIECES)).join('/')}`;
      const query = new URLSearchParams();
      if (random() < 0.5)
        query.append(pick(random, ['labelSelector', 'fieldSelector']), pick(random, SELECTORS));
      for (let count = Math.floor(random() * 3); count > 0; count--)
        query.append(pick(random, PARAMETERS), pick(random, VALUES));
      // A watch would stay open.
      if (path.includes('/watch')) query.set('timeoutSeconds', '0');
      const method = pick(random, ['GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']);
      const body =
        method === 'POST' || method === 'PUT' || method === 'PATCH'
          ? pick(random, ['', '{}', '[]', 'a: [', '"'])
          : undefined;
      const type = pick(random, [
        'application/json',
        'application/yaml',
        'text/plain',
        'application/merge-patch+json',
        'application/json; charset=utf-8',
      ]);
      await sane(method, `${path}?${query}`, { Accept: pick(random, ACCEPTS), 'Content-Type': type }, body);
    }
  });

  it('YAML bodies, deep nesting, and a bomb of aliases', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const yaml = { 'Content-Type': 'application/yaml' };
    await sane(
      'POST',
      path,
      yaml,
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[index]}`).join()}]`)
        .join('\n')}`,
    );
    await sane('POST', path, yaml, '? [a]\n: b\n---\nx');
    await sane('POST', path, yaml, '!!js/function x');
    await sane('POST', path, {}, '['.repeat(100_000));
    await sane(
      'POST',
      path,
      {},
      `{"metadata":{"name":"deep"},"data":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
    );
    await sane(
      'POST',
      path,
      {},
      `{"metadata":{"name":"keys","labels":{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":"v"`).join()}}}}`,
    );
  });

  it('raw bytes instead of HTTP, and half a request', async () => {
    const random = seeded(SEED + 4);
    for (let round = 0; round < 30; round++) {
      const garbage = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
      const opening = pick(random, [
        '',
        'GET / HTTP/1.1\r\n',
        'POST /api/v1/namespaces HTTP/1.1\r\nContent-Length: 99\r\n\r\n{',
      ]);
      await new Promise<void>((resolve) => {
        const socket = connect(
          { host: '127.0.0.1', port: server.api.port, rejectUnauthorized: false },
          () => {
            socket.write(Buffer.concat([Buffer.from(opening), garbage]));
            socket.end();
          },
        );
        socket.on('data', () => undefined);
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
      });
    }
    expect(server.problems.splice(0)).toEqual([]);
    expect((await server.client.get('/readyz')).code).toBe(200);
  });

  it('bodies over the limit, announced and in chunks', async () => {
    const status = (headers: Record<string, string>, chunk: Buffer, count: number): Promise<number> =>
      new Promise((resolve) => {
        const request = httpsRequest(
          `${server.api.url}/api/v1/namespaces`,
          {
            method: 'POST',
            rejectUnauthorized: false,
            headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
          },
          (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          },
        );
        request.on('error', () => resolve(413));
        for (let sent = 0; sent < count; sent++) request.write(chunk);
        request.end();
      });
    expect(await status({ 'Content-Length': '4000000' }, Buffer.alloc(1000), 4000)).toBe(413);
    expect(await status({}, Buffer.alloc(64 << 10), 100)).toBe(413);
  });

  it('keeps its memory bounded', () => {
    const used = process.memoryUsage();
    expect(used.rss / 1e6).toBeLessThan(1000);
  });
});
