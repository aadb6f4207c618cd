import { describe, expect, test } from 'vitest';
import type { Ingress, IngressClass } from '../objects.ts';
import { directives, ingress, modelOf, path, treeOf } from '../testing/cluster.fixture.ts';

const serviceOf = (model: ReturnType<typeof modelOf>, host: string, at: string) =>
  model.servers.find((one) => one.host === host)?.locations.find((one) => one.path === at)?.backend.service;
const reasons = (model: ReturnType<typeof modelOf>) =>
  model.problems.map(({ ingress: { metadata }, reason }) => `${metadata.name} ${reason}`);

describe('several Ingresses', () => {
  test('for one host are merged', () => {
    const model = modelOf([
      ingress('a', [path('/a', 'one')], { host: 'x.test' }),
      ingress('b', [path('/b', 'two')], { host: 'x.test', namespace: 'other' }),
    ]);
    expect(serviceOf(model, 'x.test', '/a')).toBe('one');
    expect(serviceOf(model, 'x.test', '/b')).toBe('two');
    expect([...model.backends.keys()].sort()).toEqual([
      'default-one-80',
      'other-two-80',
      'upstream-default-backend',
    ]);
  });

  test('for one path: the older keeps it, the younger is told', () => {
    const objects = [
      ingress('young', [path('/', 'two')], { age: 5 }),
      ingress('old', [path('/', 'one')], { age: 1 }),
    ];
    for (const list of [objects, [...objects].reverse()]) {
      const model = modelOf(list);
      expect(serviceOf(model, '_', '/')).toBe('one');
      expect(model.problems).toMatchObject([
        {
          ingress: { metadata: { name: 'young' } },
          reason: 'PathConflict',
          message:
            'path "*/" is already served by Ingress default/old with service one:80; service two:80 is not reached by it',
        },
      ]);
    }
  });

  test('Figure 40: of two equal paths in one object the first is served', () => {
    const model = modelOf([ingress('same', [path('/', 'frontend'), path('/', 'wordpress')])]);
    expect(serviceOf(model, '_', '/')).toBe('frontend');
    expect(reasons(model)).toEqual(['same PathConflict']);
  });

  test('one path with and without a rewrite is one path: the older keeps it', () => {
    const model = modelOf([
      ingress('plain', [path('/guestbook', 'one')], { age: 0 }),
      ingress('rewritten', [path('/guestbook', 'two')], {
        age: 1,
        annotations: { 'rewrite-target': '/' },
      }),
    ]);
    expect(reasons(model)).toEqual(['rewritten PathConflict']);
    const served = model.servers[0]?.locations.filter(({ path: at }) => at.startsWith('/guestbook'));
    expect(new Set(served?.map(({ backend }) => backend.service))).toEqual(new Set(['one']));
  });

  test('a prefix and a text that come to the same location', () => {
    const model = modelOf([
      ingress('one', [path('/foo', 'a')], { age: 0 }),
      ingress('two', [path('/foo/', 'b', 'ImplementationSpecific')], { age: 1 }),
    ]);
    expect(serviceOf(model, '_', '/foo/')).toBe('a');
    expect(reasons(model)).toEqual(['two PathConflict']);
  });

  test('names of upstreams that are the same for different services are told apart', () => {
    const model = modelOf([
      ingress('one', [path('/a', 'b-c')], { namespace: 'a' }),
      ingress('two', [path('/b', 'c')], { namespace: 'a-b', age: 1 }),
    ]);
    const ids = model.servers[0]?.locations.map(({ backend }) => backend.id) ?? [];
    expect(new Set(ids).size).toBe(3);
    expect(ids).toContain('a-b-c-80');
  });
});

describe('default backends', () => {
  const spec = { defaultBackend: { service: { name: 'fallback', port: { name: 'web' } } } };

  test('without rules: all that nobody serves', () => {
    const model = modelOf([ingress('single', [], { spec })]);
    expect(model.servers[0]?.locations).toMatchObject([
      { path: '/', backend: { id: 'default-fallback-web' } },
    ]);
  });

  test('with rules: what the rules of its hosts leave', () => {
    const model = modelOf([ingress('one', [path('/a')], { host: 'x.test', spec })]);
    expect(serviceOf(model, 'x.test', '/')).toBe('fallback');
    expect(serviceOf(model, '_', '/')).toBe('essential-nginx-ingress-ingress-nginx-defaultbackend');
  });
});

describe('classes', () => {
  const nginx: IngressClass = { metadata: { name: 'mine' }, spec: { controller: 'k8s.io/ingress-nginx' } };
  const other: IngressClass = { metadata: { name: 'other' }, spec: { controller: 'example.com/lb' } };
  const annotated = (name: string) => {
    const one = ingress('one', [path('/')]);
    return { ...one, metadata: { ...one.metadata, annotations: { 'kubernetes.io/ingress.class': name } } };
  };
  const named = (ingressClassName: string) => {
    const one = ingress('one', [path('/')]);
    return { ...one, spec: { ...one.spec, ingressClassName } };
  };
  const isServed = (one: Ingress, classes: IngressClass[], watchWithoutClass = false) =>
    modelOf([one], { classes, options: { watchWithoutClass } }).ingresses.length === 1;

  test('by annotation, by field, and by the cluster’s default', () => {
    expect(isServed(annotated('nginx'), [])).toBe(true);
    expect(isServed(annotated('traefik'), [nginx], true)).toBe(false);
    expect(isServed(named('mine'), [nginx, other])).toBe(true);
    expect(isServed(named('other'), [nginx, other], true)).toBe(false);
    expect(isServed(named('nginx'), [])).toBe(true);
    expect(isServed(named('nobody'), [nginx], true)).toBe(false);
    const none = ingress('one', [path('/')]);
    expect(isServed(none, [nginx])).toBe(false);
    expect(isServed(none, [], true)).toBe(true);
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    expect(isServed(none, [{ ...nginx, metadata: { name: 'mine', annotations } }])).toBe(true);
  });
});

describe('canaries', () => {
  test('belong to the main Ingress’ location', () => {
    const model = modelOf([
      ingress('main', [path('/a', 'v1')], { host: 'x.test' }),
      ingress('canary', [path('/a', 'v2')], {
        host: 'x.test',
        age: 1,
        annotations: { canary: 'true', 'canary-weight': '10' },
      }),
    ]);
    const locations = model.servers.find(({ host }) => host === 'x.test')?.locations ?? [];
    expect(
      locations.map(({ path: at, backend, canary }) => [at, backend.service, canary?.backend.service]),
    ).toEqual([
      ['/a/', 'v1', 'v2'],
      ['/a', 'v1', 'v2'],
      ['/', 'essential-nginx-ingress-ingress-nginx-defaultbackend', undefined],
    ]);
    expect(model.problems).toEqual([]);
  });

  test('alone serve nothing', () => {
    const model = modelOf([ingress('canary', [path('/a', 'v2')], { annotations: { canary: 'true' } })]);
    expect(reasons(model)).toEqual(['canary CanaryWithoutMain']);
    expect(model.backends.has('default-v2-80')).toBe(false);
  });
});

test('aliases: another host’s name is refused', () => {
  const model = modelOf([
    ingress('one', [path('/')], { host: 'a.test', annotations: { 'server-alias': 'b.test, c.test' } }),
    ingress('two', [path('/')], { host: 'b.test', age: 1, annotations: { 'server-alias': 'c.test' } }),
  ]);
  expect(model.servers.map(({ host, aliases }) => [host, aliases])).toEqual([
    ['_', []],
    ['a.test', ['c.test']],
    ['b.test', []],
  ]);
  expect(reasons(model)).toEqual(['one AliasConflict', 'two AliasConflict']);
});

test('malformed objects lose what is malformed', () => {
  const broken = [
    { metadata: { name: 'a', namespace: 'default' } },
    { metadata: { name: 'b', namespace: 'default' }, spec: { rules: 'no' } },
    {
      metadata: { name: 'c', namespace: 'default' },
      spec: { rules: [null, { http: null }, { http: { paths: [null] } }] },
    },
    {
      metadata: { name: 'd', namespace: 'default' },
      spec: { rules: [{ host: 7, http: { paths: [path('/')] } }] },
    },
    {
      metadata: { name: 'e', namespace: 'default' },
      spec: { tls: [null, { hosts: 3 }], rules: [{ http: { paths: [path('/ok')] } }] },
    },
    {
      metadata: { name: 'f', namespace: 'default' },
      spec: { defaultBackend: { resource: { kind: 'Bucket', name: 'x' } } },
    },
  ] as never[];
  const model = modelOf(broken);
  expect(serviceOf(model, '_', '/ok')).toBe('svc');
  expect(reasons(model)).toEqual(['c InvalidPath', 'd InvalidPath', 'f InvalidPath']);
});

describe('server-snippet', () => {
  const annotations = (directive: string) => ({
    annotations: { 'server-snippet': directive },
    host: 'x.test',
  });
  const snippets = (model: ReturnType<typeof modelOf>) =>
    model.servers.map(({ host, snippet }) => [host, snippet.map(({ text }) => text)]);
  const objects = [
    ingress('old', [path('/a')], { ...annotations('client_header_timeout 5s;'), age: 1 }),
    ingress('young', [path('/b')], { ...annotations('client_header_timeout 9s;'), age: 2 }),
  ];

  test('of two the older is taken', () => {
    const model = modelOf(objects, { options: { allowSnippets: true } });
    expect(snippets(model)).toEqual([
      ['_', []],
      ['x.test', ['client_header_timeout 5s']],
    ]);
    expect(reasons(model)).toEqual(['young SnippetConflict']);
    const servers = directives(treeOf(model), 'server').map(({ children = [] }) =>
      children.map(({ words }) => words.join(' ')),
    );
    expect(servers.filter((lines) => lines.includes('client_header_timeout 5s'))).toHaveLength(1);
  });

  test('is refused unless it is allowed', () => {
    const model = modelOf(objects);
    expect(snippets(model).every(([, lines]) => lines?.length === 0)).toBe(true);
    expect(reasons(model)).toEqual(['old InvalidAnnotation', 'young InvalidAnnotation']);
  });
});
