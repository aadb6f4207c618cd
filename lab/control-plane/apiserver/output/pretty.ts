import type { IncomingMessage } from 'node:http';
import { parseFlag } from '../verbs/options.ts';
import type { Answer } from './answer.ts';

/** Indented JSON for people: `?pretty`, curl and wget, as the real server does. */
export function pretty(answer: Answer, request: IncomingMessage, query: URLSearchParams): Answer {
  const wanted = query.has('pretty')
    ? parseFlag(query.get('pretty'))
    : /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
  if (!wanted || answer.contentType !== 'application/json') return answer;
  const text = JSON.stringify(JSON.parse(Buffer.concat(answer.body).toString()), undefined, 2);
  return { ...answer, body: [Buffer.from(`${text}\n`)] };
}
