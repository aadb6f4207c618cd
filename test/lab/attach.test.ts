import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import {
  exitCode,
  type HoplabProcess,
  printed,
  startHoplab,
  startOnTerminal,
  stop,
} from '../support/hoplab-process.ts';

/* The stdin and the terminal of containers: kubectl run -i and -t, kubectl attach. */

const NAMESPACE = 'attach';
const kubectl = (...argv: string[]) => ['-n', 'iks', 'kubectl', '-n', NAMESPACE, ...argv];

// Prints all the time, so that a client that is attached has something to show.
const READER =
  'while sleep 0.2; do echo tick; done & while read l; do echo got $l; echo err $l >&2; done; echo eof; wait';
const pod = (name: string, settings: string, script: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
  - { name: c, image: debian, ${settings}, command: [sh, -c, '${script}'] }
`;
const PODS = [
  pod('open', 'stdin: true', READER),
  pod('once', 'stdin: true, stdinOnce: true', READER),
  pod('closed', 'stdin: false', READER),
  pod('sum', 'stdin: true, stdinOnce: true', 'md5sum; echo over >&2; exit 7'),
].join('---');

beforeAll(async () => {
  await hoplabOk(['up']);
  await hoplab(['-n', 'iks', 'kubectl', 'delete', 'namespace', NAMESPACE, '--ignore-not-found']);
  await hoplabOk(['-n', 'iks', 'kubectl', 'create', 'namespace', NAMESPACE]);
  await hoplabOk(kubectl('apply', '-f', '-'), { stdin: PODS });
  const names = ['open', 'once', 'closed', 'sum'];
  await hoplabOk(kubectl('wait', 'pod', ...names, '--for=condition=Ready', '--timeout=60s'));
});
const started: HoplabProcess[] = [];
afterAll(async () => {
  await Promise.all(started.map(stop));
  await hoplab(['-n', 'iks', 'kubectl', 'delete', 'namespace', NAMESPACE, '--ignore-not-found']);
});

const deletePod = (name: string) => hoplabOk(kubectl('delete', 'pod', name, '--ignore-not-found', '--now'));

/** A pod whose input a try has used up is there anew for another. */
async function renew(name: string): Promise<void> {
  await deletePod(name);
  await hoplabOk(kubectl('apply', '-f', '-'), { stdin: PODS });
  await hoplabOk(kubectl('wait', 'pod', name, '--for=condition=Ready', '--timeout=60s'));
}

/** A client that is attached: it has shown something. */
async function attach(...argv: string[]): Promise<HoplabProcess> {
  const client = startHoplab(kubectl('attach', ...argv));
  started.push(client);
  await printed(client, /tick\n/);
  return client;
}

it('run -it: a terminal with the size of the user’s, whose keys reach the program', async () => {
  // That of an earlier try.
  await deletePod('shell');
  const terminal = startOnTerminal(
    kubectl('run', '-it', 'shell', '--image=debian', '--restart=Never', '--rm', '--', 'bash'),
    [111, 33],
  );
  started.push(terminal);
  const type = (keys: string) => terminal.child.stdin.write(keys);
  await printed(terminal, /# /);
  type('tty; stty size\r');
  await printed(terminal, /\/dev\/pts\/0\r+\n33 111\r+\n/);
  type('cat\r');
  await printed(terminal, /cat\r+\n/);
  type('\x03');
  await printed(terminal, /\^C/);
  type('echo status $?\r');
  await printed(terminal, /status 130/);
  type('exit 3\r');
  expect(await exitCode(terminal)).toBe(3);
  expect(terminal.text).toContain('pod "shell" deleted');
});

it('run --rm -i: what is piped in reaches the program, then its end', async () => {
  // That of an earlier try.
  await deletePod('cat');
  const command = ['sh', '-c', 'cat; echo done'];
  const argv = kubectl('run', 'cat', '--image=debian', '--restart=Never', '--rm', '-i', '--command', '--');
  const { code, stdout } = await hoplab([...argv, ...command], { stdin: 'hello\n' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\ndone\npod "cat" deleted\n' });
});

it('attach -i: megabytes arrive whole; stdout and stderr are kept apart', async () => {
  onTestFailed(() => renew('sum'));
  const stdin = 'all work and no play\n'.repeat(150_000);
  const sum = createHash('md5').update(stdin).digest('hex');
  const { stdout, stderr } = await hoplab(kubectl('attach', '-i', 'sum'), { stdin });
  expect(stdout).toBe(`${sum}  -\n`);
  expect(stderr).toMatch(/^over$/m);
});

it('attach: several clients at once see what comes from then on, and any of them may write', async () => {
  const [listener, first, second] = await Promise.all([
    attach('open'),
    attach('-i', 'open'),
    attach('-i', 'open'),
  ]);
  first.child.stdin.write('one\n');
  await Promise.all([listener, first, second].map((client) => printed(client, /got one\n/)));
  second.child.stdin.write('two\n');
  await Promise.all([listener, first, second].map((client) => printed(client, /err two\n/)));
  await Promise.all([stop(first), stop(second)]);
  // Without stdinOnce the container's input outlives its clients.
  const third = await attach('-i', 'open');
  third.child.stdin.write('three\n');
  await printed(listener, /got three\n/);
  expect(listener.text).not.toContain('eof');
  expect(third.text).not.toContain('got one');
});

it('attach with stdinOnce: the input ends when its client has gone, not when a listener has', async () => {
  onTestFailed(() => renew('once'));
  const [listener, watcher, writer] = await Promise.all([
    attach('once'),
    attach('once'),
    attach('-i', 'once'),
  ]);
  await stop(watcher);
  writer.child.stdin.write('one\n');
  await printed(listener, /got one\n/);
  expect(listener.text).not.toContain('eof');
  await stop(writer);
  await printed(listener, /eof\n/);
});

it('attach -i to a container without stdin shows its output alone', async () => {
  const client = await attach('-i', 'closed');
  client.child.stdin.write('one\n');
  await printed(client, /(tick\n){3}/);
  expect(client.text).not.toContain('got one');
});
