import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { selfSigned } from '../../../test/control-plane/support/certificate.ts';
import { clientFromEnvironment, inClusterClient } from './environment.ts';
import { PODS } from './resources.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoplab-environment-'));
const ends: (() => void)[] = [() => rmSync(folder, { recursive: true })];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** As the kubelet's atomic writer lays a volume down: a new directory, and a link that is swapped. */
function publish(version: string, files: Record<string, string>): void {
  mkdirSync(join(folder, version));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, version, name), text);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

it('speaks as the service account, and with the new token once the kubelet has swapped the volume', async () => {
  const identity = selfSigned();
  const seen: IncomingMessage['headers'][] = [];
  const server = createServer(identity, (request, response) => {
    seen.push(request.headers);
    response.end('{"metadata":{},"items":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  publish('v1', { token: 'first\n', 'ca.crt': identity.cert });
  for (const name of ['token', 'ca.crt']) symlinkSync(`..data/${name}`, join(folder, name));
  const { port } = server.address() as AddressInfo;
  const environment = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
  const client = inClusterClient('speaker', environment, folder);
  await client.list(PODS);
  await client.list(PODS);
  publish('v2', { token: 'second', 'ca.crt': identity.cert });
  await client.list(PODS);
  expect(seen.map(({ authorization }) => authorization)).toEqual([
    'Bearer first',
    'Bearer first',
    'Bearer second',
  ]);
  expect(seen[0]?.['user-agent']).toBe('speaker');
});

it('says what is missing outside of a pod', () => {
  expect(() => inClusterClient('x', {})).toThrow('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT');
  const environment = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };
  expect(() => inClusterClient('x', environment, '/nonexistent')).toThrow('/nonexistent/token');
  expect(() => clientFromEnvironment('/nonexistent/x.json')).toThrow('in-cluster configuration');
});
