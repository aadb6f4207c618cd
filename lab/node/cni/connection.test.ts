import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { selfSigned } from '../../../test/control-plane/support/certificate.ts';
import { Connection } from './connection.ts';

const identity = selfSigned();
const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

let server: Server;
let sockets: TLSSocket[];
let requests: string[];
let answer: (socket: TLSSocket, request: string) => void;
let connection: Connection;

beforeEach(async () => {
  sockets = [];
  requests = [];
  answer = (socket) => socket.write(ok(`${sockets.length}`));
  server = createServer(identity, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      requests.push(String(chunk));
      answer(socket, String(chunk));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  connection = new Connection({
    server: `https://127.0.0.1:${port}`,
    token: 'secret',
    ca: identity.cert,
  });
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const get = (path: string) => connection.send({ method: 'GET', path });
const bodies = async (...paths: string[]) => (await Promise.all(paths.map(get))).map(({ body }) => body);

it('sends one request after the other on one connection, also when they are made at once', async () => {
  let busy = false;
  answer = (socket) => {
    if (busy) socket.destroy();
    busy = true;
    setImmediate(() => {
      busy = false;
      socket.write(ok(`${sockets.length}`));
    });
  };
  expect(await bodies('/a', '/b', '/c')).toEqual(['1', '1', '1']);
  expect(requests.map((text) => text.split(' ')[1])).toEqual(['/a', '/b', '/c']);
  expect(requests[0]).toContain('\r\nAuthorization: Bearer secret\r\n');
});

it('opens another when the server has closed the first, by word or by deed', async () => {
  answer = (socket) => socket.write(ok('1').replace('200 OK', '200 OK\r\nConnection: close'));
  await get('/a');
  answer = (socket) => socket.write(ok(`${sockets.length}`));
  expect(await bodies('/b')).toEqual(['2']);
  sockets[1]?.end();
  await once(sockets[1] as TLSSocket, 'close');
  expect(await bodies('/c')).toEqual(['3']);
});

it('fails when the server goes away amid an answer, and works again afterwards', async () => {
  answer = (socket) => socket.end(ok('1234').slice(0, -2));
  await expect(get('/a')).rejects.toThrow('the server closed the connection during GET /a');
  answer = (socket) => socket.write(ok(`${sockets.length}`));
  expect(await bodies('/b')).toEqual(['2']);
});

it('fails at once where nobody listens, and where the authority is another', async () => {
  const { port } = server.address() as AddressInfo;
  const stranger = new Connection({
    server: `https://127.0.0.1:${port}`,
    token: 'secret',
    ca: selfSigned().cert,
  });
  await expect(stranger.send({ method: 'GET', path: '/' })).rejects.toThrow(/self-signed|certificate/);
  expect(requests).toEqual([]);
  server.close();
  await expect(get('/a')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
