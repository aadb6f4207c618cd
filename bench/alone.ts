import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from './result.ts';

/**
 * Runs a bench in a process of its own: it measures programs of this project, and is not to share its event loop and heap
 * with other measurements.
 *
 * @param file beside this one; prints its results as JSON when told `--json`, and ends with 1 when a limit was missed
 * @throws Error when it ends in another way
 */
export async function runAlone(file: string): Promise<BenchResult[]> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const output = await text(child.stdout);
  const [code] = (await exit) as [number | null];
  if (code !== 0 && code !== 1) throw new Error(`${file}: exit code ${code}`);
  try {
    return JSON.parse(output) as BenchResult[];
  } catch {
    throw new Error(`${file}: exit code ${code}, and no results`);
  }
}
