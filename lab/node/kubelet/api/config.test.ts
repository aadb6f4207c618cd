import { expect, it } from 'vitest';
import { CERTIFICATE, checkIdentity, heartbeatFor, KEY } from './config.ts';

it('renews its lease several times within a short grace period, and every 10 s within a long one', () => {
  expect([1, 8, 40, 3600].map(heartbeatFor)).toEqual([0.25, 2, 10, 10]);
});

it('names every file that it cannot be without', async () => {
  const config = { server: 'https://127.0.0.1:6443', token: 't', caFile: '/nonexistent/ca.crt' };
  await expect(checkIdentity(config)).rejects.toThrow(
    `unable to load client CA file /nonexistent/ca.crt: ENOENT; unable to load TLS certificate ${CERTIFICATE}: ENOENT; unable to load TLS private key ${KEY}: ENOENT`,
  );
});
