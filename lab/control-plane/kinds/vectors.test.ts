import { describe, expect, it } from 'vitest';
import { httpExchange, loadVectors } from '../../../test/vectors/load.ts';
import type { KubeObject } from '../registry/index.ts';
import { comparable } from './testing/comparable.ts';
import { leftOut } from './testing/left-out.ts';
import { isSame, recordedSteps } from './testing/steps.ts';
import { VectorServer } from './testing/vector-server.ts';

// Every recorded create and update of a served kind: the object a real server made of it, or the words it refused it with.
const server = new VectorServer(true);
const answered = new Set([200, 201, 422]);
const vectors = [...loadVectors().values()].flatMap((vector) => {
  const exchange = httpExchange(vector);
  if (!exchange || !['POST', 'PUT', 'PATCH'].includes(exchange.method)) return [];
  if (!answered.has(exchange.status) || !/^2\d-|^3[0-4]-/.test(exchange.notes.group ?? '')) return [];
  const target = server.target(exchange.path);
  return target ? [{ vector, exchange, target }] : [];
});

const steps = recordedSteps();
let done = 0;

/** Does what was done between the vectors, up to this one. */
function catchUp(exchange: Parameters<typeof isSame>[0]): void {
  const at = steps.findIndex((step, index) => index >= done && isSame(step, exchange));
  if (at < 0) return;
  for (const step of steps.slice(done, at)) {
    const target = server.target(step.path);
    if (!target || step.path.includes('dryRun') || exchange.path.includes('dryRun')) continue;
    if (step.method === 'DELETE' && target.name !== undefined) server.delete(target);
    if (!/json/.test(step.headers['Content-Type'] ?? '')) continue;
    if (step.method !== 'POST' && !server.get(target)) continue;
    const { object } = server.answer(target, step);
    if (object) server.put(object);
  }
  done = at + 1;
}

describe('recorded creates and updates', () => {
  for (const { vector, exchange, target } of vectors) {
    if (vector.name in leftOut) continue;
    it(vector.name, () => {
      catchUp(exchange);
      const answer = JSON.parse(exchange.answer) as KubeObject;
      const result = server.answer(target, exchange);
      if (exchange.status === 422) {
        expect(result.status).toEqual(answer);
        return;
      }
      expect(result.status).toBeUndefined();
      const schema = target.served.schema;
      expect(comparable(result.object as KubeObject, schema, exchange)).toEqual(
        comparable(answer, schema, exchange),
      );
      expect(result.warnings).toEqual(warningsOf(exchange.answerHeaders.warning ?? []));
      const kept = !exchange.path.includes('dryRun') && !vector.name.startsWith('ok-');
      if (kept) server.put(answer);
    });
  }

  it('leaves out only vectors that exist', () => {
    const names = vectors.map(({ vector }) => vector.name);
    expect(Object.keys(leftOut).filter((name) => !names.includes(name))).toEqual([]);
  });
});

function warningsOf(headers: readonly string[]): string[] {
  return headers.map((header) => JSON.parse(header.replace(/^299 - /, '')) as string);
}
