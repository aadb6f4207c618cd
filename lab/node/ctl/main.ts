import { parseArgs } from 'node:util';
import { CtlError } from './ctl-error.ts';
import { exec } from './exec.ts';
import { logs } from './logs.ts';
import { findContainer, findPod, podTable } from './pods.ts';
import { pendingPods, pendingReasons, remainingPods } from './readiness.ts';
import { readKubeletStatus } from './status.ts';
import { type PendingReasons, waitUntil } from './wait.ts';
import { parseNode, parseWorkload } from './workloads.ts';

const USAGE = `usage: nodectl pods [-o json]
       nodectl wait ready [--timeout SECONDS]
       nodectl wait pods|gone NAMESPACE/POD... [--timeout SECONDS]
       nodectl wait workloads [Node/NAME...] KIND/NAMESPACE/NAME@MANIFEST*PODS... [--timeout SECONDS]
       nodectl exec [-i] [-t] [NAMESPACE/]POD [-c CONTAINER] -- COMMAND...
       nodectl logs [NAMESPACE/]POD [-c CONTAINER] [-f] [-p] [--tail LINES]
       nodectl pid [NAMESPACE/]POD [-c CONTAINER]
       nodectl netns [NAMESPACE/]POD`;

const OPTIONS = {
  output: { type: 'string', short: 'o' },
  timeout: { type: 'string' },
  stdin: { type: 'boolean', short: 'i', default: false },
  tty: { type: 'boolean', short: 't', default: false },
  container: { type: 'string', short: 'c' },
  follow: { type: 'boolean', short: 'f', default: false },
  previous: { type: 'boolean', short: 'p', default: false },
  tail: { type: 'string' },
} as const;

const out = (text: string) => process.stdout.write(`${text}\n`);

function number(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replace(/s$/, ''));
  if (!Number.isFinite(value) || value < 0) throw new CtlError(`--${option}: "${text}" is no number`, 2);
  return value;
}

async function pods(output: string | undefined): Promise<number> {
  const status = await readKubeletStatus();
  if (status === undefined)
    throw new CtlError('the kubelet has not reported yet (/run/kubelet/status.json)', 1);
  out(output === 'json' ? JSON.stringify(status) : podTable(status.pods));
  return 0;
}

async function wait(until: PendingReasons, timeout: number): Promise<number> {
  const { pending, kubelet, calico } = await waitUntil(until, timeout);
  out(
    JSON.stringify({
      ready: pending.length === 0,
      pending,
      kubelet: kubelet ?? null,
      calico: calico ?? null,
    }),
  );
  return reportPending(pending, timeout);
}

function reportPending(pending: readonly string[], timeout: number): number {
  if (pending.length === 0) return 0;
  process.stderr.write(
    `not ready after ${timeout} s, still waiting for:\n${pending.map((line) => `  ${line}\n`).join('')}`,
  );
  return 4;
}

async function main(argv: readonly string[]): Promise<number> {
  // What follows `--` is the command's, whatever it looks like.
  const dashes = argv.indexOf('--');
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  const command = dashes === -1 ? [] : argv.slice(dashes + 1);
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...own], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new CtlError(`${(error as Error).message}\n${USAGE}`, 2);
  }
  const { values, positionals } = parsed;
  const [verb, target] = positionals;
  if (verb === 'pods') return pods(values.output);
  if (verb === 'wait') {
    const names = positionals.slice(2);
    const timeout = number(values.timeout, 'timeout') ?? 60;
    if (target === 'workloads') {
      // Only here: the client of the API is the larger part of this program.
      const { waitWorkloads } = await import('./wait-workloads.ts');
      const nodes = names.flatMap((name) => parseNode(name) ?? []);
      const workloads = names.filter((name) => parseNode(name) === undefined).map(parseWorkload);
      return reportPending(await waitWorkloads(workloads, nodes, timeout), timeout);
    }
    const until: Record<string, PendingReasons> = {
      ready: pendingReasons,
      pods: (kubelet) => pendingPods(kubelet, names),
      gone: (kubelet) => remainingPods(kubelet, names),
    };
    const pending = until[target ?? ''];
    if (pending === undefined) throw new CtlError(USAGE, 2);
    return wait(pending, timeout);
  }
  if (target === undefined) throw new CtlError(USAGE, 2);
  switch (verb) {
    case 'exec':
      if (command.length === 0) throw new CtlError(`exec: no command after --\n${USAGE}`, 2);
      return exec(target, { container: values.container, stdin: values.stdin, tty: values.tty }, command);
    case 'logs':
      await logs(target, {
        container: values.container,
        follow: values.follow,
        previous: values.previous,
        tail: number(values.tail, 'tail'),
      });
      return 0;
    case 'pid': {
      const pod = await findPod(target);
      // The pause process holds the pod's namespaces whatever becomes of its containers.
      const { pid, name } =
        values.container === undefined
          ? { pid: pod.sandboxPid, name: 'pause' }
          : findContainer(pod, values.container);
      if (pid === 0) throw new CtlError(`container "${name}" is not running`, 1);
      out(String(pid));
      return 0;
    }
    case 'netns': {
      const pod = await findPod(target);
      if (pod.hostNetwork)
        throw new CtlError(`pod "${pod.name}" has no network namespace of its own: hostNetwork`, 1);
      if (pod.netns === '') throw new CtlError(`pod "${pod.name}" has no sandbox`, 1);
      out(pod.netns);
      return 0;
    }
    default:
      throw new CtlError(USAGE, 2);
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader went away (`nodectl logs | head`).
  if (error.code === 'EPIPE') process.exit(0);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`nodectl: ${(error as Error).message}\n`);
    process.exitCode = error instanceof CtlError ? error.exitCode : 1;
  },
);
