import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { renderTable } from '../lab/output/index.ts';
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
  const results = benchKubeProxy();
  const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  process.stdout.write(
    renderTable(
      ['MEASURED', 'OURS', 'BASELINE', 'UNIT', 'RATIO', 'WANTED', ''],
      results.map((row) => [
        row.name,
        number(row.ours),
        number(row.baseline),
        row.unit,
        row.ratio.toFixed(2),
        `${row.limit.kind} ${row.limit.ratio}`,
        `${row.held ? 'held' : 'MISSED'}${row.note ? ` (${row.note})` : ''}`,
      ]),
    ),
  );
  process.exitCode = results.every(({ held }) => held) ? 0 : 1;
}
