import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { report } from './report.ts';
import type { BenchResult } from './result.ts';

const NAMESPACE = `hoplab-bench-kube-proxy-${process.pid}`;

/**
 * kube-proxy against a real API server and the kernel, in a network namespace that is made for it. Needs root, not Docker.
 *
 * @throws Error when a program fails
 */
export function benchKubeProxy(): BenchResult[] {
  const ip = (...args: string[]) => execFileSync('ip', args);
  ip('netns', 'add', NAMESPACE);
  try {
    ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up');
    const inside = fileURLToPath(new URL('kube-proxy/inside.ts', import.meta.url));
    const node = [process.execPath, '--import', 'tsx', inside];
    const output = execFileSync('ip', ['netns', 'exec', NAMESPACE, ...node], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(output) as BenchResult[];
  } finally {
    ip('netns', 'delete', NAMESPACE);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  report(benchKubeProxy());
}
