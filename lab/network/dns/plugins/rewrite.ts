import { canonical, isWithin, type ResourceRecord } from '../wire/index.ts';
import { type Resolver, withReply } from './resolver.ts';

export interface RewriteRule {
  readonly kind: 'exact' | 'suffix';
  /** Absolute names in lower case. */
  readonly from: string;
  readonly to: string;
}

/** The name by the first rule that fits, or undefined. */
export function rewritten(name: string, rules: readonly RewriteRule[]): string | undefined {
  for (const { kind, from, to } of rules) {
    if (canonical(name) === from) return to;
    if (kind === 'suffix' && isWithin(name, from)) return name.slice(0, name.length - from.length) + to;
  }
  return undefined;
}

/** The `rewrite` plugin, for names: the question is asked under another name and answered under its own. */
export function rewrite(rules: readonly RewriteRule[], next: Resolver): Resolver {
  return (question, asker) => {
    const name = rewritten(question.name, rules);
    if (name === undefined) return next(question, asker);
    const back = (record: ResourceRecord): ResourceRecord =>
      canonical(record.name) === canonical(name) ? { ...record, name: question.name } : record;
    return withReply(next({ ...question, name }, asker), (reply) => ({
      ...reply,
      answers: reply.answers.map(back),
      cacheable: false,
    }));
  };
}
