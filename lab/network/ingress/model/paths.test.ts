import { describe, expect, test } from 'vitest';
import { ingress, locationsOf, match, modelOf, path } from '../testing/cluster.fixture.ts';

/** Which service a request reaches; undefined is the default backend. */
function reached(paths: Parameters<typeof path>[], uri: string, host?: string): string | undefined {
  const shape = host === undefined ? {} : { host };
  const model = modelOf([
    ingress(
      'one',
      paths.map((one) => path(...one)),
      shape,
    ),
  ]);
  const chosen = match(locationsOf(model, host), uri);
  const server = model.servers.find((one) => one.host === (host ?? '_'));
  const location = server?.locations.find((one) =>
    [one.path, `= ${one.path}`, `~* ^${one.path}`].includes(chosen ?? ''),
  );
  return location?.ingress ? location.backend.service : undefined;
}

describe('the table of path matching in the documentation of Kubernetes', () => {
  test.each([
    ['Prefix', ['/'], '/any/path', 0],
    ['Exact', ['/foo'], '/foo', 0],
    ['Exact', ['/foo'], '/bar', undefined],
    ['Exact', ['/foo'], '/foo/', undefined],
    ['Exact', ['/foo/'], '/foo', undefined],
    ['Prefix', ['/foo'], '/foo', 0],
    ['Prefix', ['/foo'], '/foo/', 0],
    ['Prefix', ['/foo/'], '/foo', 0],
    ['Prefix', ['/foo/'], '/foo/', 0],
    ['Prefix', ['/aaa/bb'], '/aaa/bbb', undefined],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbb', 0],
    ['Prefix', ['/aaa/bbb/'], '/aaa/bbb', 0],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbb/', 0],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbb/ccc', 0],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbbxyz', undefined],
    ['Prefix', ['/', '/aaa'], '/aaa/ccc', 1],
    ['Prefix', ['/', '/aaa', '/aaa/bbb'], '/aaa/bbb', 2],
    ['Prefix', ['/', '/aaa', '/aaa/bbb'], '/ccc', 0],
    ['Prefix', ['/aaa'], '/ccc', undefined],
  ])('%s %j, request %s', (type, paths, uri, index) => {
    const service = reached(
      paths.map((one, at) => [one, `svc${at}`, type]),
      uri,
    );
    expect(service).toBe(index === undefined ? undefined : `svc${index}`);
  });

  test('mixed: an exact path goes before a prefix', () => {
    const mixed: Parameters<typeof path>[] = [
      ['/foo', 'prefix', 'Prefix'],
      ['/foo', 'exact', 'Exact'],
    ];
    expect(reached(mixed, '/foo')).toBe('exact');
    expect(reached(mixed, '/foo/')).toBe('prefix');
    expect(reached([...mixed].reverse(), '/foo')).toBe('exact');
  });
});

describe('names of ingress-nginx’ end-to-end tests', () => {
  test('prefix: /aaa does not match /aaaccc', () => {
    expect(reached([['/aaa']], '/aaaccc')).toBeUndefined();
    expect(reached([['/aaa']], '/aaa/ccc')).toBe('svc');
  });

  test('implementation specific is a prefix of the text', () => {
    expect(reached([['/foo', 'svc', 'ImplementationSpecific']], '/foobar')).toBe('svc');
    expect(reached([['/foo', 'svc', 'ImplementationSpecific']], '/FOO')).toBeUndefined();
  });

  test('multi-segment paths', () => {
    const paths: Parameters<typeof path>[] = [
      ['/test', 'a'],
      ['/test/b', 'b'],
      ['/test/b/c', 'c'],
    ];
    expect(['/test/x', '/test/b', '/test/b/c/d'].map((uri) => reached(paths, uri))).toEqual(['a', 'b', 'c']);
  });
});

describe('expressions', () => {
  const regex = { 'use-regex': 'true' };

  test('documented: the host is shared by all that name it, and the longest comes first', () => {
    const host = 'test.com';
    const model = modelOf([
      ingress(
        'one',
        [
          path('/foo/bar', 'svc1', 'ImplementationSpecific'),
          path('/foo/bar/', 'svc2', 'ImplementationSpecific'),
        ],
        { host },
      ),
      ingress('two', [path('/foo/bar/(.+)', 'svc3', 'ImplementationSpecific')], {
        host,
        age: 1,
        annotations: { 'rewrite-target': '/$1' },
      }),
    ]);
    const locations = locationsOf(model, host);
    expect(locations).toEqual(['~* ^/foo/bar/(.+)', '~* ^/foo/bar/', '~* ^/foo/bar', '~* ^/']);
    expect(['/foo/bar/1', '/foo/bar/', '/foo/bar'].map((uri) => match(locations, uri))).toEqual(
      locations.slice(0, 3),
    );
  });

  test('documented warning: the longer text wins over the literal path', () => {
    const model = modelOf([
      ingress(
        'one',
        [
          path('/foo/bar/bar', 'test', 'ImplementationSpecific'),
          path('/foo/bar/[A-Z0-9]{3}', 'test', 'ImplementationSpecific'),
        ],
        {
          host: 'test.com',
          annotations: regex,
        },
      ),
    ]);
    const locations = locationsOf(model, 'test.com');
    expect(locations.slice(0, 2)).toEqual(['~* ^/foo/bar/[A-Z0-9]{3}', '~* ^/foo/bar/bar']);
    expect(match(locations, '/foo/bar/bar')).toBe('~* ^/foo/bar/[A-Z0-9]{3}');
  });

  test('other hosts keep their prefixes', () => {
    const model = modelOf([
      ingress('one', [path('/a')], { host: 'a.test', annotations: regex }),
      ingress('two', [path('/b')], { host: 'b.test' }),
    ]);
    expect(locationsOf(model, 'a.test')).toEqual(['~* ^/a', '~* ^/']);
    expect(locationsOf(model, 'b.test')).toEqual(['/b/', '= /b', '/']);
  });

  test('a target that is the path itself needs none', () => {
    const model = modelOf([ingress('one', [path('/')], { annotations: { 'rewrite-target': '/' } })]);
    expect(locationsOf(model)).toEqual(['/', '= /healthz']);
  });

  test('Figure 43: one rewritten path makes the others of the host expressions', () => {
    const model = modelOf([
      ingress('guestbook', [path('/guestbook', 'frontend'), path('/wordpress', 'wordpress')], {
        annotations: { 'rewrite-target': '/' },
      }),
    ]);
    expect(locationsOf(model)).toEqual(['~* ^/wordpress', '~* ^/guestbook', '~* ^/', '= /healthz']);
  });
});
