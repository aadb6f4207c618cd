import { readFileSync } from 'node:fs';
import {
  expectedSysctls,
  type LinkJson,
  type Observed,
  type RouteJson,
  type Wanted,
} from './check-problems.ts';
import { run } from './exec.ts';

/** Looks at a pod's wiring on both sides. */
export function observe({ hostInterface: host, podInterface: pod, netns }: Wanted): Observed {
  const inside = ['nsenter', `--net=${netns}`];
  const sysctls = Object.keys(expectedSysctls(host)).map((path) => [path, readSysctl(path)] as const);
  return {
    podLink: json<LinkJson>([...inside, 'ip', '-j', 'address', 'show', 'dev', pod])[0],
    podRoutes: json<RouteJson>([...inside, 'ip', '-j', 'route', 'show']),
    hostLink: json<LinkJson>(['ip', '-j', 'link', 'show', 'dev', host])[0],
    hostRoutes: json<RouteJson>(['ip', '-j', 'route', 'show', 'dev', host]),
    sysctls: Object.fromEntries(sysctls),
  };
}

/** What `ip -j` prints; nothing when the interface it was asked about is not there. */
function json<T>(command: readonly string[]): readonly T[] {
  const { ok, stdout } = run(command);
  return ok && stdout.trim() !== '' ? JSON.parse(stdout) : [];
}

function readSysctl(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
