import { vectorFile } from './vectors.ts';

/** A kubectl command of STEPS.txt: one that changed something while the vectors were recorded. */
export interface KubectlStep {
  readonly line: string;
  readonly stdin: string;
}

/** The kubectl commands of a group in order. */
export function kubectlSteps(group: string): readonly KubectlStep[] {
  const [, text = ''] = vectorFile('STEPS.txt').split(`## ${group}\n`);
  const [own = ''] = text.split('\n## ');
  return own.split(/^(?=\S)/m).flatMap((step) => {
    const [first = '', ...rest] = step.trimEnd().split('\n');
    const line = /^kubectl-1\.32 (.*)$/.exec(first)?.[1];
    if (line === undefined) return [];
    return [{ line, stdin: rest.map((each) => each.slice(4)).join('\n') }];
  });
}
