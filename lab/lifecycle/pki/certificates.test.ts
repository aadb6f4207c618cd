import { X509Certificate } from 'node:crypto';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { issue, makeAuthority } from './certificates.ts';

it('makes certificates that TLS accepts for their names and for no others', async () => {
  const ca = await makeAuthority('hoplab-ca');
  const pair = await issue(ca, { name: 'kube-apiserver', dns: ['kubernetes'], ips: ['127.0.0.1'] });
  const certificate = new X509Certificate(pair.cert);
  expect(certificate.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
  const server = createServer(pair, (_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (servername?: string) =>
    new Promise<number | string>((resolve) => {
      const options = { ca: ca.cert, ...(servername ? { servername } : {}) };
      get(`https://127.0.0.1:${port}/`, options, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  expect(await ask()).toBe(200);
  expect(await ask('kubernetes')).toBe(200);
  expect(await ask('elsewhere')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  server.close();
});
