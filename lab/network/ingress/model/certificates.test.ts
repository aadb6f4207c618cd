import { beforeAll, expect, test } from 'vitest';
import { fakeCertificate } from '../nginx/index.ts';
import type { IngressTLS, Secret } from '../objects.ts';
import { ingress, modelOf, path } from '../testing/cluster.fixture.ts';

// The fake certificate is for `ingress.local`.
let pem = '';
let secret: Secret;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const partsOf = (text: string) => {
  const at = text.indexOf('-----BEGIN PRIVATE');
  return { 'tls.crt': base64(text.slice(0, at)), 'tls.key': base64(text.slice(at)) };
};

beforeAll(async () => {
  pem = await fakeCertificate();
  secret = { metadata: { name: 'pair', namespace: 'default' }, data: partsOf(pem) };
});

function certified(host: string | undefined, tls: IngressTLS[], secrets: Record<string, Secret>) {
  const one = ingress('one', [path('/')], { ...(host ? { host } : {}), spec: { tls } });
  const rules = one.spec?.rules ?? [{ ...(host ? { host } : {}), http: { paths: [path('/')] } }];
  const model = modelOf([{ ...one, spec: { rules, tls } }], { secrets });
  const server = model.servers.find((each) => each.host === (host ?? '_'));
  return {
    id: server?.certificate?.id,
    reasons: model.problems.map(({ reason, message }) => `${reason}: ${message}`),
  };
}

test('the secret that lists the host, or whose certificate is for it, or that is for all', () => {
  const secrets = { 'default/pair': secret };
  const id = expect.stringMatching(/^default-pair-[0-9a-f]{12}$/);
  for (const hosts of [['ingress.local'], ['other.test'], [], null]) {
    expect(certified('ingress.local', [{ hosts, secretName: 'pair' }], secrets)).toEqual({ id, reasons: [] });
  }
  expect(certified(undefined, [{ secretName: 'pair' }], secrets)).toEqual({ id, reasons: [] });
  expect(
    certified(undefined, [{ hosts: ['ingress.local'], secretName: 'pair' }], secrets).id,
  ).toBeUndefined();
});

test('a host that the certificate is not for gets the default one', () => {
  const found = certified('x.test', [{ hosts: ['x.test'], secretName: 'pair' }], { 'default/pair': secret });
  expect(found).toEqual({
    id: undefined,
    reasons: [expect.stringContaining('the certificate of secret default/pair is not for x.test')],
  });
});

test('secrets that do not exist or are no pair are told', async () => {
  const tls = [{ hosts: ['ingress.local'], secretName: 'pair' }];
  const other = partsOf(await fakeCertificate());
  const wrong: [string, Record<string, string> | undefined][] = [
    ['does not exist', undefined],
    ['it has no tls.crt', {}],
    ['it has no tls.key', { 'tls.crt': secret.data?.['tls.crt'] ?? '' }],
    ['its certificate cannot be read', { ...secret.data, 'tls.crt': base64('nothing') }],
    ['its key is not that of its certificate', { ...secret.data, 'tls.key': other['tls.key'] }],
  ];
  for (const [message, data] of wrong) {
    const secrets = data ? { 'default/pair': { ...secret, data } } : {};
    const found = certified('ingress.local', tls, secrets);
    expect(found).toEqual({ id: undefined, reasons: [expect.stringContaining(message)] });
  }
});

test('only PEM gets into the file', () => {
  const injected = base64(`; } evil { \n${Buffer.from(secret.data?.['tls.crt'] ?? '', 'base64')}\n} more`);
  const model = modelOf(
    [
      ingress('one', [path('/')], {
        host: 'ingress.local',
        spec: {
          tls: [{ hosts: ['ingress.local'], secretName: 'pair' }],
          rules: [{ host: 'ingress.local', http: { paths: [path('/')] } }],
        },
      }),
    ],
    { secrets: { 'default/pair': { ...secret, data: { ...secret.data, 'tls.crt': injected } } } },
  );
  const found = model.servers.find(({ host }) => host === 'ingress.local')?.certificate;
  expect(found?.pem).not.toMatch(/[{};]|evil|more/);
});
