import { type HttpExchange, steps } from '../../../../test/vectors/load.ts';

/** A request that changed something while the vectors were recorded. */
export type Step = Pick<HttpExchange, 'method' | 'path' | 'headers' | 'body'>;

/** The HTTP requests of STEPS.txt, in order of time: some of them are vectors, the others lie between vectors. */
export function recordedSteps(): Step[] {
  const found: (Step & { lines: string[] })[] = [];
  for (const line of steps().split('\n')) {
    const [, method, path, type] = /^HTTP (\S+) (\S+)(?: {2}\[(.+)\])?$/.exec(line) ?? [];
    if (method !== undefined && path !== undefined) {
      found.push({
        method,
        path,
        headers: type === undefined ? {} : { 'Content-Type': type },
        body: '',
        lines: [],
      });
    } else if (line.startsWith('    ')) found.at(-1)?.lines.push(line);
  }
  return found
    .map(({ lines, ...step }) => ({ ...step, body: lines.join('\n') }))
    .filter((step) => !isUndone(step));
}

/** Service a became a ClusterIP for one vector and was then patched back, which STEPS.txt does not tell (RECORDING.md does). */
function isUndone({ path, body }: Step): boolean {
  return path.endsWith('/services/a') && /"type": "ClusterIP"/.test(body);
}

/** Whether a step is the request of a vector. */
export function isSame(step: Step, { method, path, body }: Step): boolean {
  return step.method === method && step.path === path && compact(step.body) === compact(body);
}

function compact(body: string): string {
  return body.replaceAll(/\s+/g, '');
}
