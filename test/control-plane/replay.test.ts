import { describe, expect, it } from 'vitest';
import { LEFT_OUT } from './left-out.ts';
import { loadKinds } from './support/kinds.ts';
import { replay } from './support/replay/index.ts';
import { requestVectors } from './support/vectors.ts';

const replayed = requestVectors()
  .map(({ name }) => name)
  .filter((name) => !LEFT_OUT.some(({ names }) => names.test(name)));
const outcomes = await replay(await loadKinds(), ({ name }) => replayed.includes(name));

describe('answers a real kube-apiserver 1.31 gave', () => {
  it.each(outcomes.map((outcome) => [`${outcome.group} ${outcome.name}`, outcome] as const))(
    '%s',
    (_, { lines }) => {
      expect(lines).toEqual([]);
    },
  );

  it('leaves out only what the list names', () => {
    expect(outcomes).toHaveLength(replayed.length);
    const unused = LEFT_OUT.filter(({ names }) => !requestVectors().some(({ name }) => names.test(name)));
    expect(unused).toEqual([]);
  });
});
