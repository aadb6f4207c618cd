import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../test/control-plane/support/certificate.ts';
import type { ApiObject } from '../objects/index.ts';
import type { ApiError } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { httpsClient } from './https-client.ts';
import { DEPLOYMENTS, PODS } from './resources.ts';

interface Request {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

const identity = selfSigned();
const requests: Request[] = [];
let answer: (response: ServerResponse, request: IncomingMessage) => void = () => {};
let server: Server;
let client: ApiClient;

beforeAll(async () => {
  server = createServer(identity, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = httpsClient({ server: `https://127.0.0.1:${port}`, token: 'secret', ca: identity.cert });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const json =
  (value: unknown, code = 200) =>
  (response: ServerResponse) => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };

describe('requests', () => {
  it('go to the right paths, with token and content type', async () => {
    requests.length = 0;
    answer = json({ metadata: {}, items: null });
    const pod: ApiObject = { metadata: { name: 'p', namespace: 'a' } };
    await client.get(DEPLOYMENTS, 'web', 'a');
    await client.list(PODS, { labelSelector: 'app in (a,b)', fieldSelector: 'spec.nodeName=n' });
    await client.create<ApiObject>(PODS, pod);
    await client.create<ApiObject>(PODS, pod, { subresource: 'binding' });
    await client.updateStatus<ApiObject>(PODS, pod);
    await client.patch(PODS, 'p', 'a', { x: null }, { type: 'strategic', subresource: 'status' });
    await client.delete(PODS, 'p', 'a', { gracePeriodSeconds: 0, uid: 'u' });
    expect(requests.map(({ line }) => line)).toEqual([
      'GET /apis/apps/v1/namespaces/a/deployments/web',
      'GET /api/v1/pods?labelSelector=app+in+%28a%2Cb%29&fieldSelector=spec.nodeName%3Dn',
      'POST /api/v1/namespaces/a/pods',
      'POST /api/v1/namespaces/a/pods/p/binding',
      'PUT /api/v1/namespaces/a/pods/p/status',
      'PATCH /api/v1/namespaces/a/pods/p/status',
      'DELETE /api/v1/namespaces/a/pods/p',
    ]);
    expect(new Set(requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer secret']));
    expect(requests[5]?.headers['content-type']).toBe('application/strategic-merge-patch+json');
    expect(requests[6]?.body).toMatchObject({ gracePeriodSeconds: 0, preconditions: { uid: 'u' } });
  });

  it('a refusal becomes an ApiError with the Status; one without a Status keeps its text', async () => {
    answer = json({ kind: 'Status', code: 409, reason: 'Conflict', message: 'modified' }, 409);
    const conflict = await client.get(PODS, 'p', 'a').catch((error: ApiError) => error);
    expect(conflict).toMatchObject({ code: 409, reason: 'Conflict', message: 'modified' });
    answer = (response) => response.writeHead(502).end('bad gateway');
    await expect(client.get(PODS, 'p', 'a')).rejects.toThrow(
      'GET /api/v1/namespaces/a/pods/p: 502 bad gateway',
    );
  });

  it('use kept-alive connections', async () => {
    const ports = new Set<number | undefined>();
    answer = (response, request) => {
      ports.add(request.socket.remotePort);
      json({})(response);
    };
    for (let n = 0; n < 5; n++) await client.get(PODS, 'p', 'a');
    expect(ports.size).toBe(1);
  });
});

describe('watch', () => {
  const event = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
  const options = () => {
    const controller = new AbortController();
    return { controller, options: { resourceVersion: '7', signal: controller.signal } };
  };

  it('yields events however they are cut, and ends with the answer', async () => {
    const text =
      event('ADDED', { metadata: { name: 'ä' } }) + event('BOOKMARK', { metadata: { resourceVersion: '9' } });
    answer = (response) => {
      response.writeHead(200);
      for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
      response.end();
    };
    const seen: unknown[] = [];
    for await (const { type, object } of client.watch<ApiObject>(PODS, options().options))
      seen.push([type, object.metadata]);
    expect(seen).toEqual([
      ['ADDED', { name: 'ä' }],
      ['BOOKMARK', { resourceVersion: '9' }],
    ]);
    expect(requests.at(-1)?.line).toBe(
      'GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7',
    );
  });

  it('throws for an ERROR event and for a refused watch', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    answer = (response) => response.writeHead(200).end(event('ERROR', status));
    const drain = async () => {
      for await (const _event of client.watch(PODS, options().options));
    };
    await expect(drain()).rejects.toMatchObject({ code: 410 });
    answer = json(status, 410);
    await expect(drain()).rejects.toMatchObject({ code: 410 });
  });

  it('ends the connection when it is aborted', async () => {
    let closed: Promise<void> = Promise.reject(new Error('no request'));
    closed.catch(() => {});
    answer = (response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.writeHead(200).write(event('ADDED', { metadata: {} }));
    };
    const { controller, options: watchOptions } = options();
    const events = client.watch(PODS, watchOptions)[Symbol.asyncIterator]();
    await events.next();
    controller.abort();
    await expect(events.next()).rejects.toThrow();
    await closed;
  });

  it('holds the sender back when nobody reads', async () => {
    const line = event('ADDED', { metadata: { name: 'x'.repeat(100_000) } });
    let written = 0;
    answer = (response) => {
      response.writeHead(200);
      const fill = () => {
        while (response.write(line)) written++;
      };
      response.on('drain', fill);
      fill();
    };
    const { controller, options: watchOptions } = options();
    const events = client.watch(PODS, watchOptions)[Symbol.asyncIterator]();
    await events.next();
    // Buffers of both ends fill up and then nothing moves: the count stands still from one look to the next.
    let before = -1;
    for (let looks = 0; written !== before && looks < 100; looks++) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(written).toBe(before);
    expect(written).toBeLessThan(500);
    controller.abort();
  });
});

describe('connections', () => {
  it('a watch takes that of the list before it', async () => {
    const ports: (number | undefined)[] = [];
    answer = (response, request) => {
      ports.push(request.socket.remotePort);
      response.writeHead(200, { 'content-type': 'application/json' });
      if (!request.url?.includes('watch=true'))
        response.end('{"items":[],"metadata":{"resourceVersion":"7"}}');
      else response.end('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"8"}}}\n');
    };
    const kinds = [PODS, DEPLOYMENTS, PODS, DEPLOYMENTS];
    await Promise.all(
      kinds.map(async (ref) => {
        const { resourceVersion } = await client.list(ref);
        const { signal } = new AbortController();
        for await (const { type } of client.watch(ref, { resourceVersion, signal }))
          expect(type).toBe('BOOKMARK');
      }),
    );
    expect(ports).toHaveLength(8);
    expect(new Set(ports).size).toBeLessThanOrEqual(4);
  });

  it('calls beyond what may be under way at a time wait', async () => {
    let underWay = 0;
    let most = 0;
    answer = (response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setImmediate(() => {
        underWay -= 1;
        json({ metadata: {} })(response);
      });
    };
    await Promise.all(Array.from({ length: 50 }, (_, at) => client.get(PODS, `p${at}`, 'a')));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });
});
