// Finds a Docker engine; starts or installs one where that is possible. Plain JavaScript: it runs before `npm ci`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_SOCKET, engineCandidates, ping } from './find-engine.js';
import { aptInstall, BootstrapError, consent, distribution, isDebianLike, isRoot, which } from './system.js';

const LOG = '/var/log/hoplab-dockerd.log';
const START_DEADLINE_MS = 60_000;
const say = (line) => process.stderr.write(`${line}\n`);

/**
 * The engine to use: { from, host, certificates? }. Starts or installs one when none answers and that may be done.
 * Throws BootstrapError (exit code 3) otherwise.
 */
export async function ensureEngine({ log = say } = {}) {
  const candidates = engineCandidates();
  const answers = [];
  for (const candidate of candidates) {
    const answer = await ping(candidate);
    if (answer.ok) return candidate;
    answers.push({ candidate, answer });
  }
  const first = answers[0];
  // Only the engine of this machine can be started; a remote or chosen one that is silent is an error of its own.
  const local = candidates.find((candidate) => candidate.host === `unix://${DEFAULT_SOCKET}`);
  if (!local) throw unreachable(first);
  const denied = answers.find(({ answer }) => answer.code === 'EACCES');
  if (denied) throw notAllowed(denied.candidate);
  // It listens but does not answer (starting up, or stuck): a second daemon would only make it worse.
  if (first.answer.code === 'ETIMEDOUT') {
    log('the Docker engine is there but busy; waiting for it');
    const again = await ping(local, START_DEADLINE_MS);
    if (again.ok) return local;
    throw unreachable({ candidate: local, answer: again });
  }

  const os = distribution();
  if (!which('dockerd')) await install(os, log);
  if ((await ping(local)).ok) return local; // the package's own scripts started it
  if (!isRoot()) throw notRunning(os);
  await start(local, log);
  return local;
}

async function install(os, log) {
  const message = 'no Docker engine answers and none is installed';
  if (os.id === 'darwin')
    throw noEngine(
      message,
      'install Docker Desktop, colima or OrbStack and start it (for example: brew install colima docker && colima start)',
    );
  if (os.id === 'win32')
    throw noEngine(
      message,
      'use WSL 2: install Docker Desktop with its WSL integration, or docker.io inside the WSL distribution, and run the lab there',
    );
  if (!isDebianLike(os)) {
    const commands = {
      fedora: 'sudo dnf install moby-engine && sudo systemctl start docker',
      arch: 'sudo pacman -S docker && sudo systemctl start docker',
      alpine: 'apk add docker && rc-service docker start',
    };
    const family = [os.id, ...os.like].find((id) => commands[id]);
    throw noEngine(
      message,
      family
        ? commands[family]
        : 'install Docker Engine 20.10 or later with your package manager and start it',
    );
  }
  const command = 'apt-get update && apt-get install --no-install-recommends docker.io iptables';
  if (os.wsl && !isRoot())
    throw noEngine(message, `start Docker Desktop with its WSL integration, or: sudo sh -c '${command}'`);
  if (!isRoot())
    throw noEngine(
      message,
      `sudo sh -c '${command}' && sudo usermod -aG docker $USER    (then log in again)`,
    );
  if (
    !(await consent(
      `No Docker engine is installed. Install docker.io and iptables from ${os.name}'s packages?`,
    ))
  ) {
    throw noEngine(message, `${command}    (or set LAB_YES=1 to let the lab do it)`);
  }
  log(`installing docker.io and iptables from ${os.name}'s packages`);
  aptInstall(['docker.io', 'iptables']);
}

async function start(local, log) {
  if (existsSync('/run/systemd/system')) {
    log('starting the Docker engine: systemctl start docker');
    const result = spawnSync('systemctl', ['start', 'docker'], { encoding: 'utf8' });
    if (result.status === 0 && (await ping(local, START_DEADLINE_MS)).ok) return;
    throw noEngine(
      'the Docker engine does not start',
      'journalctl -u docker --no-pager | tail -50',
      `systemctl start docker\n${result.stderr ?? ''}`.trim(),
    );
  }
  log(`starting the Docker engine: dockerd, log in ${LOG}`);
  mkdirSync(dirname(LOG), { recursive: true });
  const logFile = openSync(LOG, 'a', 0o640);
  // Its own session: Ctrl-C in the lab must not reach the engine (detached is setsid(2)).
  const daemon = spawn(which('dockerd'), [], { detached: true, stdio: ['ignore', logFile, logFile] });
  daemon.unref();
  const failed = await waitForSocket(local, daemon);
  if (!failed) return;
  const tail = readFileSync(LOG, 'utf8').trim().split('\n').slice(-20).join('\n');
  throw noEngine(`dockerd ${failed}`, `less ${LOG}`, `dockerd >${LOG} 2>&1\n${tail}`);
}

/**
 * Resolves to undefined when the engine answers, or to what went wrong. dockerd creates its socket early and holds
 * connections until it is ready, so a change in the socket's folder is the moment to ask.
 */
function waitForSocket(local, daemon) {
  return new Promise((resolve) => {
    let asking = false;
    let exited;
    const ask = async () => {
      if (asking) return;
      asking = true;
      const answer = await ping(local, START_DEADLINE_MS);
      asking = false;
      if (answer.ok) finish(undefined);
      // Another `lab` may have started a daemon at the same moment: ours gives up at the pid file, theirs answers.
      else if (exited && ++exited.asked > 20) finish(exited.message);
    };
    const watcher = watch(dirname(DEFAULT_SOCKET), (_event, name) => name === 'docker.sock' && ask());
    const retry = setInterval(ask, 100);
    const deadline = setTimeout(
      () => finish(`did not answer within ${START_DEADLINE_MS / 1000} s`),
      START_DEADLINE_MS,
    );
    const finish = (result) => {
      watcher.close();
      clearInterval(retry);
      clearTimeout(deadline);
      resolve(result);
    };
    daemon.on('error', (error) => finish(`could not be run: ${error.message}`));
    daemon.on('exit', (code, signal) => {
      exited = { asked: 0, message: `ended at once (${signal ?? `exit code ${code}`})` };
    });
  });
}

const noEngine = (message, next, detail) =>
  new BootstrapError({ code: 'E_NO_ENGINE', message, next, detail });

function unreachable({ candidate, answer }) {
  return noEngine(
    candidate.problem ??
      `the Docker engine at ${candidate.host} (from ${candidate.from}) does not answer: ${answer.message}`,
    candidate.from === 'DOCKER_HOST'
      ? 'start that engine, or unset DOCKER_HOST'
      : 'start that engine, or choose another: docker context use default',
    candidate.host && `docker --host ${candidate.host} version`,
  );
}

function notAllowed(candidate) {
  return new BootstrapError({
    code: 'E_ENGINE_PERMISSION',
    message: `this user may not use the Docker engine at ${candidate.host}`,
    next: 'sudo usermod -aG docker $USER    (then log in again, or: newgrp docker)',
  });
}

function notRunning(os) {
  const command = existsSync('/run/systemd/system')
    ? 'sudo systemctl start docker'
    : os.wsl
      ? 'sudo service docker start'
      : 'sudo setsid dockerd >/tmp/dockerd.log 2>&1 &';
  return noEngine(
    'the Docker engine is installed but does not run, and only root can start it',
    `${command}    (and to use it: sudo usermod -aG docker $USER)`,
  );
}
