import { readFileSync, writeFileSync } from 'node:fs';
import { CNI_ERROR, CniError } from './errors.ts';
import { commandError, run } from './exec.ts';
import type { Attachment } from './result.ts';
import { type Sysctl, type WiringPlan, wiringPlan } from './wiring.ts';

/** Wires a pod. Whatever was made is removed again when a step fails. @throws {CniError} */
export function wire(made: Attachment, mtu: number): void {
  const plan = wiringPlan(made, mtu, process.pid);
  if (hostInterfaceExists(made.hostInterface)) removeHostInterface(made.hostInterface);
  wirePodSide(made, plan);
  try {
    for (const sysctl of plan.hostSysctls) setSysctl(sysctl);
    const host = run(['ip', '-batch', '-'], lines(plan.host));
    if (!host.ok) throw commandError(`cannot set up the host end ${made.hostInterface}`, host);
  } catch (error) {
    unwire(made.netns, made.podInterface);
    throw error;
  }
}

/** One chain of exec: nsenter, sh, ip. /proc/sys/net is that of whoever writes, so the shell writes inside. */
function wirePodSide(made: Attachment, plan: WiringPlan): void {
  const writes = plan.podSysctls.map(({ path, value }) => `echo ${value} >/proc/sys/${path} && `);
  const command = ['nsenter', `--net=${made.netns}`, 'sh', '-c', `${writes.join('')}exec ip -batch -`];
  const pod = run(command, lines(plan.pod));
  if (pod.ok) return;
  // Line 1 makes the pair: if that failed, an interface of this name is not ours to remove.
  if (/Command failed -:(?!1$)\d+/m.test(pod.stderr)) unwire(made.netns, made.podInterface);
  throw commandError(`cannot wire ${made.podInterface} in ${made.netns}`, pod);
}

/** Removes a pod's interface, and with it the host end and its route. Absent is fine. @throws {CniError} */
export function unwire(netns: string, podInterface: string): void {
  const done = run(['nsenter', `--net=${netns}`, 'ip', 'link', 'delete', 'dev', podInterface]);
  if (!done.ok && !done.stderr.includes('Cannot find device')) {
    throw commandError(`cannot delete ${podInterface} in ${netns}`, done);
  }
}

/** True when the host's namespace has an interface of that name. */
export function hostInterfaceExists(name: string): boolean {
  return readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .some((line) => line.trimStart().startsWith(`${name}:`));
}

/** @throws {CniError} */
export function removeHostInterface(name: string): void {
  const done = run(['ip', 'link', 'delete', 'dev', name]);
  if (!done.ok && !done.stderr.includes('Cannot find device')) {
    throw commandError(`cannot delete the host end ${name}`, done);
  }
}

/** True when the host has a route to a pod's address through a host end. */
export function hostRouteExists(address: string, hostInterface: string): boolean {
  const shown = run(['ip', 'route', 'show', `${address}/32`, 'dev', hostInterface]);
  return shown.ok && shown.stdout.trim() !== '';
}

/** True when the node's main table has a route to exactly this address. @throws {CniError} when it cannot be read */
export function addressRouted(address: string): boolean {
  const shown = run(['ip', 'route', 'show', `${address}/32`]);
  if (!shown.ok) throw commandError(`cannot look for a route to ${address}`, shown);
  return shown.stdout.trim() !== '';
}

function setSysctl({ path, value, optional }: Sysctl): void {
  try {
    writeFileSync(`/proc/sys/${path}`, value);
  } catch (error) {
    if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
    const reason = (error as Error).message;
    throw new CniError(CNI_ERROR.wiring, `cannot set ${path} to ${value}`, reason);
  }
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}
