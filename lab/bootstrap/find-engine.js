// Where a Docker engine may be listening. Plain JavaScript: it runs before `npm ci`.
// The order is the docker client's own: DOCKER_HOST, then the context, then the default socket
// (https://docs.docker.com/engine/manage-resources/contexts/); further known sockets come last.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const DEFAULT_SOCKET = '/var/run/docker.sock';

const realSystem = () => ({
  env: process.env,
  home: homedir(),
  exists: existsSync,
  /** Text of a file, or undefined when it cannot be read. */
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
});

/**
 * The places to try, in order. An explicit choice (DOCKER_HOST or a context) is the only place, so that the lab
 * never turns up on another engine than the one `docker` itself would use.
 */
export function engineCandidates(system = realSystem()) {
  const { env, home, exists } = system;
  if (env.DOCKER_HOST) {
    const certs = env.DOCKER_TLS_VERIFY || env.DOCKER_CERT_PATH;
    return [
      candidate(
        'DOCKER_HOST',
        env.DOCKER_HOST,
        certs ? (env.DOCKER_CERT_PATH ?? join(home, '.docker')) : undefined,
      ),
    ];
  }
  const context = contextCandidate(system);
  if (context) return [context];
  const sockets = [DEFAULT_SOCKET];
  if (env.XDG_RUNTIME_DIR) sockets.push(join(env.XDG_RUNTIME_DIR, 'docker.sock'));
  for (const path of [
    '.docker/run/docker.sock',
    '.docker/desktop/docker.sock',
    '.colima/default/docker.sock',
    '.rd/docker.sock',
    '.orbstack/run/docker.sock',
  ]) {
    sockets.push(join(home, path));
  }
  return sockets
    .filter((path, index) => index === 0 || exists(path))
    .map((path, index) =>
      candidate(index === 0 ? 'the default socket' : 'a socket in its usual place', `unix://${path}`),
    );
}

function contextCandidate({ env, home, read }) {
  const configFolder = env.DOCKER_CONFIG ?? join(home, '.docker');
  let name = env.DOCKER_CONTEXT;
  if (!name) {
    try {
      name = JSON.parse(read(join(configFolder, 'config.json')) ?? '{}').currentContext;
    } catch {
      name = undefined; // a broken config.json is the docker client's to complain about
    }
  }
  if (!name || name === 'default') return undefined;
  const from = `docker context "${name}"`;
  const id = createHash('sha256').update(name).digest('hex');
  const text = read(join(configFolder, 'contexts/meta', id, 'meta.json'));
  let endpoint;
  try {
    endpoint = JSON.parse(text ?? '{}').Endpoints?.docker;
  } catch {
    endpoint = undefined;
  }
  if (!endpoint?.Host)
    return {
      from,
      host: undefined,
      problem: `${from} is selected but has no docker endpoint (docker context inspect ${name})`,
    };
  const certificates = join(configFolder, 'contexts/tls', id, 'docker');
  return candidate(from, endpoint.Host, read(join(certificates, 'ca.pem')) ? certificates : undefined);
}

function candidate(from, host, certificates) {
  return certificates ? { from, host, certificates } : { from, host };
}

/** Options for dockerode. Keeps the protocol explicit because dockerode otherwise reads DOCKER_HOST itself. */
export function dockerOptions(candidate, read = realSystem().read) {
  const { host, certificates } = candidate;
  if (!/^[a-z]+:\/\//.test(host))
    return dockerOptions(
      { ...candidate, host: host.startsWith('/') ? `unix://${host}` : `tcp://${host}` },
      read,
    );
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (host.startsWith('npipe://')) return { socketPath: host.slice('npipe://'.length).replaceAll('/', '\\') };
  const url = new URL(host);
  if (url.protocol === 'ssh:') {
    return {
      protocol: 'ssh',
      host: url.hostname,
      port: Number(url.port || 22),
      username: decodeURIComponent(url.username) || process.env.USER,
      sshOptions: { agentForward: false, agent: process.env.SSH_AUTH_SOCK },
    };
  }
  const secure = certificates !== undefined || url.protocol === 'https:';
  const options = {
    protocol: secure ? 'https' : 'http',
    host: url.hostname,
    port: Number(url.port || (secure ? 2376 : 2375)),
  };
  if (certificates === undefined) return options;
  return {
    ...options,
    ca: read(join(certificates, 'ca.pem')),
    cert: read(join(certificates, 'cert.pem')),
    key: read(join(certificates, 'key.pem')),
  };
}

/**
 * Asks an engine whether it is there (GET /_ping).
 * Returns { ok: true } or { ok: false, code, message }; never throws.
 */
export function ping(candidate, timeoutMs = 5000) {
  if (candidate.problem) return Promise.resolve({ ok: false, code: 'ECONTEXT', message: candidate.problem });
  let options;
  try {
    options = dockerOptions(candidate);
  } catch (error) {
    return Promise.resolve({
      ok: false,
      code: 'EINVAL',
      message: `${candidate.host} is not an address of an engine: ${error.message}`,
    });
  }
  // Only dockerode speaks ssh; an explicit ssh host is taken at its word and fails at first use with its own message.
  if (options.protocol === 'ssh') return Promise.resolve({ ok: true });
  return new Promise((resolve) => {
    const client = options.protocol === 'https' ? https : http;
    const request = client.request(
      { ...options, protocol: undefined, path: '/_ping', agent: false, timeout: timeoutMs },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve(
            response.statusCode === 200
              ? { ok: true }
              : {
                  ok: false,
                  code: `HTTP${response.statusCode}`,
                  message: `GET /_ping answered ${response.statusCode}`,
                },
          ),
        );
      },
    );
    request.on('timeout', () =>
      request.destroy(
        Object.assign(new Error(`no answer within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' }),
      ),
    );
    request.on('error', (error) =>
      resolve({ ok: false, code: error.code ?? 'EUNKNOWN', message: error.message }),
    );
    request.end();
  });
}
