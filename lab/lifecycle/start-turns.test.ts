import { expect, test } from 'vitest';
import type { ContainerStep } from './plan.ts';
import { startTurns } from './start-turns.ts';

const step = (name: string): ContainerStep => ({ name, action: 'create', why: '' });
const isNode = (name: string) => name.startsWith('node');
/** Names of those whose turn has come. */
async function inTurn(turns: ReturnType<typeof startTurns>): Promise<string[]> {
  const names: string[] = [];
  for (const { step: one, turn } of turns) void turn.then(() => names.push(one.name));
  await new Promise(setImmediate);
  return names;
}

test('the machines around the cluster start when all of its nodes have been', async () => {
  const turns = startTurns(['router', 'node1', 'client', 'node2'].map(step), isNode);
  expect(await inTurn(turns)).toEqual(['node1', 'node2']);
  turns[1]?.started();
  turns[1]?.started();
  expect(await inTurn(turns)).toEqual(['node1', 'node2']);
  turns[3]?.started();
  expect(await inTurn(turns)).toEqual(['router', 'node1', 'client', 'node2']);
});

test('nobody waits where no node is due', async () => {
  expect(await inTurn(startTurns([step('router')], isNode))).toEqual(['router']);
});
