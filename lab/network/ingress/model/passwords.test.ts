import { expect, test } from 'vitest';
import type { Secret } from '../objects.ts';
import { directives, ingress, modelOf, path, treeOf } from '../testing/cluster.fixture.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const users = (auth: string, name = 'users'): Secret => ({
  metadata: { name, namespace: 'default' },
  data: { auth: base64(auth) },
});
const ANN = 'ann:$apr1$x$abc\n';

function found(annotations: Record<string, string>, secrets: readonly Secret[] = [users(ANN)]) {
  const model = modelOf([ingress('one', [path('/a'), path('/b')], { host: 'x.test', annotations })], {
    secrets: Object.fromEntries(
      secrets.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]),
    ),
  });
  const [server] = directives(treeOf(model), 'server').filter(({ children = [] }) =>
    children.some(({ words }) => words.join(' ') === 'server_name x.test'),
  );
  const locations = directives(server?.children ?? [], 'location');
  const inside = (path: string) =>
    (locations.find(({ words }) => words.at(-1) === path)?.children ?? [])
      .map(({ words }) => words.join(' '))
      .filter((line) => /^(auth_|return |proxy_set_header (Authorization|Host))/.test(line));
  return {
    inside,
    reasons: [...new Set(model.problems.map(({ reason, message }) => `${reason}: ${message}`))],
    texts: model.servers.flatMap(({ locations }) =>
      locations.flatMap(({ auth }) => (auth && auth !== 'denied' ? [auth.text] : [])),
    ),
  };
}

test('a secret says who gets in, and the endpoint is not told the password', () => {
  const { inside, reasons, texts } = found({ 'auth-type': 'basic', 'auth-secret': 'users' });
  expect(reasons).toEqual([]);
  for (const place of ['/a/', '/a', '/b/', '/b']) {
    expect(inside(place)).toEqual([
      'auth_basic Authentication Required',
      expect.stringMatching(
        /^auth_basic_user_file \/etc\/ingress-controller\/auth\/default-users-[0-9a-f]{12}\.htpasswd$/,
      ),
      'proxy_set_header Host $best_http_host',
      'proxy_set_header Authorization ',
    ]);
  }
  // What no rule of the host names is not the Ingress'.
  expect(inside('/')).toEqual([]);
  expect(texts).toEqual([ANN, ANN, ANN, ANN]);
});

test('another password is another file, another realm is not', () => {
  const file = (auth: string, realm = 'x') =>
    found({ 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': realm }, [users(auth)]).inside(
      '/a',
    )[1];
  expect(file(ANN)).toBe(file(ANN, 'y'));
  expect(file(ANN)).not.toBe(file('ann:other'));
});

test.each([
  ['no secret', { 'auth-type': 'basic' }, [], 'it has no auth-secret'],
  [
    'a secret that is not there',
    { 'auth-type': 'basic', 'auth-secret': 'users' },
    [],
    'secret default/users does not exist',
  ],
  [
    'a secret of another namespace',
    { 'auth-type': 'basic', 'auth-secret': 'other/users' },
    [users(ANN)],
    'it has no auth-secret',
  ],
  [
    'a secret without passwords',
    { 'auth-type': 'basic', 'auth-secret': 'users' },
    [users('# nobody\n\n')],
    'secret default/users has no passwords in auth',
  ],
  [
    'another type',
    { 'auth-type': 'digest', 'auth-secret': 'users' },
    [users(ANN)],
    'its auth-type is not known here',
  ],
] as const)('%s: nobody gets in', (_, annotations, secrets, why) => {
  const { inside, reasons } = found(annotations, secrets);
  for (const place of ['/a/', '/a', '/b/', '/b']) expect(inside(place)).toContain('return 503');
  expect(reasons).toContain(`InvalidAuth: nobody gets in, because ${why}`);
});

test('lines that say nothing, or more than a line, are left out', () => {
  const { texts } = found({ 'auth-type': 'basic', 'auth-secret': 'users' }, [
    users('# comment\nann:x\r\n:empty\nbob\neve:a\u0000b\n\ndan:y'),
  ]);
  expect(texts[0]).toBe('ann:x\ndan:y\n');
});
