import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { selfSigned } from './support/certificate.ts';
import { loadKinds } from './support/kinds.ts';
import { startTestServer, type TestServer } from './support/server.ts';

// A kubelet that answers logs, and echoes bytes once a connection is upgraded.
let kubelet: Server;
let server: TestServer;
const asked: { url: string; authorization: string | undefined }[] = [];

beforeAll(async () => {
  kubelet = createServer(selfSigned(), (request, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    if (request.url?.includes('/waiting/')) {
      response.writeHead(400).end('container "c" in pod "waiting" is waiting to start: ContainerCreating');
      return;
    }
    response.write('first\n');
    response.end('second\n');
  });
  kubelet.on('upgrade', (request, socket) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => kubelet.listen(0, '127.0.0.1', resolve));
  const { port } = kubelet.address() as AddressInfo;
  server = await startTestServer({ kinds: await loadKinds(), kubelet: { token: 'kubelet-token', port } });
  await server.client.post('/api/v1/nodes', { metadata: { name: 'n1' } });
  const status = { status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] } };
  await server.client.send('PATCH', '/api/v1/nodes/n1/status', {
    body: status,
    headers: { 'Content-Type': 'application/merge-patch+json' },
  });
  for (const name of ['p', 'waiting', 'unbound']) {
    const spec = {
      containers: [{ name: 'c', image: 'i' }],
      ...(name === 'unbound' ? {} : { nodeName: 'n1' }),
    };
    await server.client.post('/api/v1/namespaces/default/pods', { metadata: { name }, spec });
  }
});
afterAll(async () => {
  await server.close();
  kubelet.closeAllConnections();
  kubelet.close();
});

const POD = '/api/v1/namespaces/default/pods';

it('streams logs from the kubelet with its own token, and turns refusals into Status objects', async () => {
  const log = await server.client.get(`${POD}/p/log?tailLines=5&follow=true`);
  expect(log.text).toBe('first\nsecond\n');
  expect(log.headers['content-type']).toBe('text/plain');
  expect(asked.at(-1)).toEqual({
    url: '/containerLogs/default/p/c?tailLines=5&follow=true',
    authorization: 'Bearer kubelet-token',
  });
  const refused = await server.client.get(`${POD}/waiting/log`);
  expect(refused.json).toMatchObject({ kind: 'Status', reason: 'BadRequest', code: 400 });
  expect(refused.json.message).toContain('waiting to start');
  expect((await server.client.get(`${POD}/p/log?container=x`)).json.message).toBe(
    'container x is not valid for pod p',
  );
  expect((await server.client.get(`${POD}/nope/log`)).code).toBe(404);
});

async function upgrade(path: string, token = 'admin-token'): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.api.port, rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n`,
  );
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.startsWith('HTTP/1.1 101') && text.endsWith('\r\n\r\n')) socket.write('hello');
      if (text.endsWith('hello')) socket.end();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

it('passes the bytes of upgraded connections both ways, for those with a token', async () => {
  expect(await upgrade(`${POD}/p/exec?command=sh&stdin=true`)).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello$/);
  expect(asked.at(-1)).toEqual({
    url: '/exec/default/p/c?command=sh&stdin=true',
    authorization: 'Bearer kubelet-token',
  });
  expect(await upgrade(`${POD}/p/portforward`)).toMatch(/^HTTP\/1\.1 101/);
  expect(asked.at(-1)?.url).toBe('/portForward/default/p');
  expect(await upgrade(`${POD}/p/exec?command=sh`, 'wrong')).toMatch(/^HTTP\/1\.1 401/);
  expect(await upgrade(`${POD}/unbound/exec?command=sh`)).toContain('does not have a host assigned');
  expect(await upgrade('/api/v1/namespaces')).toMatch(/^HTTP\/1\.1 404/);
});
