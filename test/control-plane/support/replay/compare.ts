import type { Reply } from '../client.ts';
import { differences, normalise } from '../normalise.ts';
import type { RequestVector } from '../vectors.ts';

/** In what an answer of ours differs from the recorded one, as lines. @param isStream that it is a watch's */
export function compareAnswers(vector: RequestVector, reply: Reply, isStream: boolean): string[] {
  const lines: string[] = [];
  if (reply.code !== vector.code)
    lines.push(`code: recorded ${vector.code}, ours ${reply.code} ${reply.text.slice(0, 300)}`);
  for (const header of ['content-type', 'warning']) {
    const recorded = vector.answerHeaders.filter(([name]) => name === header).map(([, value]) => value);
    const ours = headerValues(reply, header);
    if (JSON.stringify(recorded) !== JSON.stringify(ours))
      lines.push(`${header}: recorded ${JSON.stringify(recorded)}, ours ${JSON.stringify(ours)}`);
  }
  if (vector.method === 'HEAD') return lines;
  const streams = isStream && vector.code === 200;
  const recorded = bookmarkOnce(normalise(vector.answer, streams));
  return [...lines, ...differences(recorded, normalise(reply.text, streams), allocated(vector))];
}

function headerValues({ headers }: Reply, name: string): string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return name === 'warning' ? String(value).split(/, (?=299 )/) : [String(value)];
}

/** Whether two values may differ because the server chose them: addresses, ports and name suffixes not asked for. */
function allocated({
  body,
  method,
}: RequestVector): (recorded: unknown, ours: unknown, path: string) => boolean {
  const isAddress = (value: unknown): boolean => /^10\.96\.\d+\.\d+$/.test(String(value));
  const isPort = (value: unknown): boolean => typeof value === 'number' && value >= 30000 && value <= 32769;
  return (recorded, ours, path) =>
    (path.includes('.columnDefinitions.') && isReworded(recorded, ours)) ||
    ((method === 'PUT' || !body.includes(String(recorded))) &&
      ((isAddress(recorded) && isAddress(ours)) ||
        (isPort(recorded) && isPort(ours)) ||
        (/^gen-.{5}$/.test(String(recorded)) && /^gen-.{5}$/.test(String(ours)))));
}

/** A column's description is the field's, whose wording changes from one release to the next. */
function isReworded(recorded: unknown, ours: unknown): boolean {
  const isLong = (value: unknown): value is string => typeof value === 'string' && value.length > 100;
  return (
    isLong(recorded) &&
    isLong(ours) &&
    recorded.slice(0, 30) === ours.slice(0, 30) &&
    !recorded.startsWith('{')
  );
}

/** A longer watch got more bookmarks. */
function bookmarkOnce(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  const isBookmark = (event: { type?: string } | undefined): boolean => event?.type === 'BOOKMARK';
  return answer.filter((event, index) => !isBookmark(event) || !isBookmark(answer[index - 1]));
}
