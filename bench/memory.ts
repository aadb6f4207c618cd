import { capture, type Engine, objectName } from '../lab/engine/index.ts';

/** What runs for the node itself, not for a user's pod. */
const PROGRAMS = ['kubelet', 'calico-node', 'bird', 'tunl0d', 'tini', 'conmon', 'pause'];

/** Prints `PSS-in-kB command-line` per process: proportional, so that shared pages count once. */
const SCRIPT = `for p in /proc/[0-9]*; do
  pss=$(awk '/^Pss:/ {print $2}' $p/smaps_rollup 2>/dev/null) || continue
  echo "\${pss:-0} $(tr '\\0' ' ' <$p/cmdline)"
done`;

/** Megabytes that a node's own programs hold. */
export async function nodeMemory(engine: Engine, lab: string, node: string): Promise<number> {
  const { stdout } = await capture(engine, objectName(lab, node), ['/bin/sh', '-c', SCRIPT]);
  return programMemory(stdout);
}

/** Sums the lines of the script that belong to the node's programs; in MB. */
export function programMemory(output: string): number {
  let kilobytes = 0;
  for (const line of output.split('\n')) {
    const [, pss = '0', command = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (PROGRAMS.some((program) => new RegExp(`(^|/)${program}(\\.js)?( |$)`).test(command)))
      kilobytes += Number(pss);
  }
  return kilobytes / 1024;
}
