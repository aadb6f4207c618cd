import { type Answer, pageNotFound, textAnswer } from './output/answer.ts';

const CHECKS = [
  'ping',
  'log',
  'store',
  'poststarthook/start-system-namespaces-controller',
  'shutdown',
] as const;
const ROOTS = ['healthz', 'livez', 'readyz'];

/**
 * `/healthz`, `/livez`, `/readyz`, whole (`?verbose`) or by check. Anyone may ask: probes have no token.
 * @returns undefined for other paths
 */
export function health(path: string, query: URLSearchParams): Answer | undefined {
  const [, root = '', ...rest] = path.split('/');
  if (!ROOTS.includes(root)) return undefined;
  const headers = { 'X-Content-Type-Options': 'nosniff' };
  if (rest.length > 0 && rest.join('/') !== '') {
    const check = rest.join('/') === 'etcd' ? 'store' : rest.join('/');
    return (CHECKS as readonly string[]).includes(check) ? textAnswer('ok', 200, headers) : pageNotFound();
  }
  if (!query.has('verbose')) return textAnswer('ok', 200, headers);
  const lines = CHECKS.map((check) => `[+]${check} ok`);
  return textAnswer(`${lines.join('\n')}\n${root} check passed\n`, 200, headers);
}
