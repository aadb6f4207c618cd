import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { dockerOptions, engineCandidates, type FinderSystem, ping } from './find-engine.js';

function system(env: Record<string, string>, files: Record<string, string> = {}): FinderSystem {
  return { env, home: '/home/u', exists: (path) => path in files, read: (path) => files[path] };
}
const metaPath = (name: string, folder = '/home/u/.docker') =>
  `${folder}/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
const meta = (host: string) =>
  JSON.stringify({ Name: 'x', Endpoints: { docker: { Host: host, SkipTLSVerify: false } } });

describe('engineCandidates', () => {
  it('takes DOCKER_HOST alone, before any context', () => {
    const found = engineCandidates(
      system(
        { DOCKER_HOST: 'tcp://10.0.0.1:2375', DOCKER_CONTEXT: 'colima' },
        { [metaPath('colima')]: meta('unix:///c.sock') },
      ),
    );
    expect(found).toEqual([{ from: 'DOCKER_HOST', host: 'tcp://10.0.0.1:2375' }]);
  });

  it('has certificates with DOCKER_TLS_VERIFY, in DOCKER_CERT_PATH or ~/.docker', () => {
    expect(
      engineCandidates(system({ DOCKER_HOST: 'tcp://h:2376', DOCKER_TLS_VERIFY: '1' }))[0]?.certificates,
    ).toBe('/home/u/.docker');
    expect(
      engineCandidates(system({ DOCKER_HOST: 'tcp://h:2376', DOCKER_CERT_PATH: '/certs' }))[0]?.certificates,
    ).toBe('/certs');
  });

  it('reads the current context of config.json', () => {
    const files = {
      '/home/u/.docker/config.json': '{"currentContext":"colima"}',
      [metaPath('colima')]: meta('unix:///home/u/.colima/docker.sock'),
    };
    expect(engineCandidates(system({}, files))).toEqual([
      { from: 'docker context "colima"', host: 'unix:///home/u/.colima/docker.sock' },
    ]);
  });

  it('prefers DOCKER_CONTEXT to config.json, and DOCKER_CONFIG to ~/.docker', () => {
    const files = {
      '/cfg/config.json': '{"currentContext":"a"}',
      [metaPath('a', '/cfg')]: meta('unix:///a'),
      [metaPath('b', '/cfg')]: meta('ssh://me@b'),
    };
    expect(engineCandidates(system({ DOCKER_CONFIG: '/cfg' }, files))[0]?.host).toBe('unix:///a');
    expect(engineCandidates(system({ DOCKER_CONFIG: '/cfg', DOCKER_CONTEXT: 'b' }, files))[0]?.host).toBe(
      'ssh://me@b',
    );
  });

  it('reports a context that does not exist instead of using another engine', () => {
    expect(engineCandidates(system({ DOCKER_CONTEXT: 'gone' }))).toEqual([
      {
        from: 'docker context "gone"',
        host: undefined,
        problem: 'docker context "gone" is selected but has no docker endpoint (docker context inspect gone)',
      },
    ]);
  });

  it.each(['{"currentContext":"default"}', '{}', 'not json'])(
    'uses the default socket with config.json %s',
    (config) => {
      expect(engineCandidates(system({}, { '/home/u/.docker/config.json': config }))).toEqual([
        { from: 'the default socket', host: 'unix:///var/run/docker.sock' },
      ]);
    },
  );

  it('adds rootless and desktop sockets that exist', () => {
    const found = engineCandidates(
      system(
        { XDG_RUNTIME_DIR: '/run/user/1000' },
        { '/run/user/1000/docker.sock': '', '/home/u/.colima/default/docker.sock': '' },
      ),
    );
    expect(found.map(({ host }) => host)).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/1000/docker.sock',
      'unix:///home/u/.colima/default/docker.sock',
    ]);
  });
});

describe('dockerOptions', () => {
  it.each([
    ['unix:///var/run/docker.sock', { socketPath: '/var/run/docker.sock' }],
    ['/var/run/docker.sock', { socketPath: '/var/run/docker.sock' }],
    ['tcp://10.0.0.1', { protocol: 'http', host: '10.0.0.1', port: 2375 }],
    ['10.0.0.1:9999', { protocol: 'http', host: '10.0.0.1', port: 9999 }],
  ])('%s', (host, options) => {
    expect(dockerOptions({ from: 'test', host })).toEqual(options);
  });

  it('reads certificates', () => {
    expect(
      dockerOptions({ from: 'test', host: 'tcp://h', certificates: '/c' }, (path) => `<${path}>`),
    ).toEqual({
      protocol: 'https',
      host: 'h',
      port: 2376,
      ca: '</c/ca.pem>',
      cert: '</c/cert.pem>',
      key: '</c/key.pem>',
    });
  });

  it('leaves ssh to dockerode', () => {
    expect(dockerOptions({ from: 'test', host: 'ssh://me@far:2222' })).toMatchObject({
      protocol: 'ssh',
      host: 'far',
      port: 2222,
      username: 'me',
    });
  });
});

describe('ping', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoplab-ping-'));
  const servers: { close(): unknown; closeAllConnections(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const serve = async (status: number | undefined): Promise<string> => {
    const path = join(mkdtempSync(join(folder, 'engine-')), 'd.sock');
    const server = createServer((_request, response) => {
      if (status !== undefined) response.writeHead(status).end('OK');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return `unix://${path}`;
  };

  it('tells an engine that answers from one that does not', async () => {
    expect(await ping({ from: 'test', host: await serve(200) })).toEqual({ ok: true });
    expect(await ping({ from: 'test', host: await serve(503) })).toMatchObject({
      ok: false,
      code: 'HTTP503',
    });
    expect(await ping({ from: 'test', host: await serve(undefined) }, 50)).toMatchObject({
      ok: false,
      code: 'ETIMEDOUT',
    });
    expect(await ping({ from: 'test', host: 'unix:///nonexistent/docker.sock' })).toMatchObject({
      ok: false,
      code: 'ENOENT',
    });
    expect(await ping({ from: 'test', host: 'tcp://[' })).toMatchObject({ ok: false, code: 'EINVAL' });
  });
});
