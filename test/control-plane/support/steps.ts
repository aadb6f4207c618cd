import { isDeepStrictEqual } from 'node:util';
import { type RequestVector, vectorFile } from './vectors.ts';

/** A request of STEPS.txt: one that changed something while the vectors were recorded. */
export interface Step {
  readonly group: string;
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** The HTTP requests of STEPS.txt in order; kubectl's are left out. */
export function httpSteps(): readonly Step[] {
  const steps: Step[] = [];
  let group = '';
  let current: { head: RegExpExecArray; body: string[] } | undefined;
  const finish = (): void => {
    if (!current) return;
    const [, method = '', path = '', contentType = ''] = current.head;
    const body = current.body.map((line) => line.slice(4)).join('\n');
    steps.push({ group, method, path, contentType: contentType || 'application/json', body: body.trim() });
    current = undefined;
  };
  for (const line of vectorFile('STEPS.txt').split('\n')) {
    const heading = /^## (\S+)/.exec(line);
    const head = /^HTTP (\S+) (\S+)(?: {2}\[(.*)\])?$/.exec(line);
    if (current && line.startsWith('    ')) {
      current.body.push(line);
      continue;
    }
    finish();
    if (heading) group = heading[1] ?? '';
    else if (head) current = { head, body: [] };
  }
  finish();
  return steps;
}

/** Whether a step is the request of a vector. */
export function isStepOf(step: Step, vector: RequestVector): boolean {
  return (
    step.group === vector.group &&
    step.method === vector.method &&
    step.path === vector.path &&
    isDeepStrictEqual(parsed(step.body), parsed(vector.body.trim()))
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
