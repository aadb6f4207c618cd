// Runs inside the container of world.ts: endpoints that say who they are, and a client. Commands come in on stdin and answers go out on
// stdout, a line of JSON each.
const { spawnSync } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { dirname } = require('node:path');
const tls = require('node:tls');
const { createInterface } = require('node:readline');

const servers = new Map();
const MAX_UNDER_WAY = 64;
let sent = 0;

function answer(name, server, request, response) {
  // A server that ends tells its clients, and does not wait for connections that were busy when it began to.
  if (!server.listening) response.setHeader('Connection', 'close');
  response.on('finish', () => server.listening || setImmediate(() => server.closeIdleConnections()));
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).length;
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({ name, method: request.method, url: request.url, headers: request.headers, body }),
    );
  });
}

const commands = {
  ...require('./name-server.js'),
  /** An endpoint at HOST:PORT that answers with its name. */
  listen: ({ host, port, name }) =>
    new Promise((resolve, reject) => {
      const server = http.createServer((request, response) => answer(name, server, request, response));
      server.on('upgrade', (_request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
        socket.pipe(socket);
      });
      server.on('error', reject);
      server.keepAliveTimeout = 60_000;
      servers.set(`${host}:${port}`, server);
      server.listen({ port, host, backlog: 4096 }, () => resolve({}));
    }),
  /** As a pod that gets SIGTERM: no new connections, idle ones closed, what is being served is finished. */
  close: ({ host, port }) =>
    new Promise((resolve) => {
      const server = servers.get(`${host}:${port}`);
      servers.delete(`${host}:${port}`);
      server.close(() => resolve({}));
      server.closeIdleConnections();
    }),
  read: ({ path }) => readFileSync(path, 'utf8'),
  write({ path, text }) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return {};
  },
  run({ argv: [file, ...args] }) {
    const { status, stderr } = spawnSync(file, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    return { code: status, stderr };
  },
  fetch: ({
    path,
    host,
    headers = {},
    method = 'GET',
    secure = false,
    port = secure ? 443 : 80,
    from,
    body,
  }) =>
    new Promise((resolve) => {
      const options = {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        headers: { ...(host ? { host } : {}), ...headers },
        ...(secure ? { servername: host ?? '', rejectUnauthorized: false } : {}),
        ...(from ? { localAddress: from } : {}),
      };
      const request = (secure ? https : http).request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        const subject = secure ? response.socket.getPeerCertificate().subject?.CN : undefined;
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, text, subject }),
        );
      });
      request.on('error', (error) => resolve({ status: 0, text: error.message, headers: {} }));
      request.end(body);
    }),
  /** The certificate for a name. */
  certificate: ({ name }) =>
    new Promise((resolve) => {
      const socket = tls.connect(
        { port: 443, host: '127.0.0.1', servername: name, rejectUnauthorized: false },
        () => {
          resolve({ subject: socket.getPeerCertificate().subject });
          socket.end();
        },
      );
      socket.on('error', (error) => resolve({ error: error.message }));
    }),
  upgrade: ({ path, say }) =>
    new Promise((resolve) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'echo' };
      const request = http.request({ port: 80, host: '127.0.0.1', path, headers });
      request.on('upgrade', (_response, socket) => {
        socket.on('data', (chunk) => {
          resolve({ said: chunk.toString() });
          socket.destroy();
        });
        socket.write(say);
      });
      request.on('response', ({ statusCode }) => resolve({ status: statusCode }));
      request.on('error', (error) => resolve({ error: error.message }));
      request.end();
    }),
  /** Resolves when so many requests of the load are sent. */
  sent: ({ count }) =>
    new Promise((resolve) => {
      const timer = setInterval(() => {
        if (sent < count) return;
        clearInterval(timer);
        resolve({});
      }, 2);
    }),
  /** COUNT requests at RATE a second, each on a connection of its own or on kept ones. */
  load: ({ path, count, rate, keepAlive }) =>
    new Promise((resolve) => {
      const agent = keepAlive ? new http.Agent({ keepAlive: true, maxSockets: 16 }) : false;
      const seen = {};
      const failures = {};
      const fail = (what) => {
        failures[what] = (failures[what] ?? 0) + 1;
      };
      sent = 0;
      let done = 0;
      const started = performance.now();
      const one = () => {
        const finish = (key) => {
          seen[key] = (seen[key] ?? 0) + 1;
          if (++done === count) {
            clearInterval(timer);
            resolve({ seen, failures, seconds: (performance.now() - started) / 1000 });
          }
        };
        const request = http.get({ host: '127.0.0.1', port: 80, path, agent }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => {
            if (response.statusCode !== 200) fail(`status ${response.statusCode}`);
            finish(response.statusCode === 200 ? JSON.parse(text).name : `status ${response.statusCode}`);
          });
        });
        request.on('error', (error) => {
          fail(error.message);
          finish(error.message);
        });
      };
      const timer = setInterval(() => {
        const due = Math.min(count, Math.ceil(((performance.now() - started) / 1000) * rate));
        // What a client that waits for its answers can have under way: a machine that is slow is asked more slowly.
        while (sent < due && sent - done < MAX_UNDER_WAY) {
          sent++;
          one();
        }
      }, 2);
    }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, command, ...options } = JSON.parse(line);
  new Promise((resolve) => resolve(commands[command](options))).then(
    (result) => process.stdout.write(`${JSON.stringify({ id, result })}\n`),
    (error) => process.stdout.write(`${JSON.stringify({ id, error: error.message })}\n`),
  );
});
