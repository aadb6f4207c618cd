import {
  capture,
  type Engine,
  killContainer,
  LABEL,
  type LabContainer,
  startContainer,
  stopContainer,
} from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { RunningLab } from './find-lab.ts';

/** @throws HoplabError when the lab has no such node */
export function nodeContainer(lab: RunningLab, name: string): LabContainer {
  const node = lab.topology.nodes.find((candidate) => [candidate.name, candidate.nodeName].includes(name));
  const container = lab.objects.containers.find((candidate) => candidate.name === node?.name);
  if (container && container.labels[LABEL.role] === 'node') return container;
  throw new HoplabError({
    code: 'E_NO_TARGET',
    message: `lab "${lab.name}" has no node "${name}"`,
    exitCode: EXIT.usage,
    next: `one of: ${lab.topology.nodes.map((candidate) => candidate.name).join(', ')}`,
  });
}

/** Shuts a node down: its programs get SIGTERM and may say good-bye to their peers. */
export async function shutDownNode(engine: Engine, lab: RunningLab, name: string): Promise<void> {
  await stopContainer(engine, nodeContainer(lab, name).id, 5);
}

/**
 * The node goes silent from one moment to the next. Its wire is cut first: a killed process's kernel would still
 * close its TCP connections politely, which a machine without power does not do.
 */
export async function cutPower(engine: Engine, lab: RunningLab, name: string): Promise<void> {
  const container = nodeContainer(lab, name);
  const node = lab.topology.nodes.find((candidate) => candidate.name === container.name);
  await capture(engine, container.id, ['ip', 'link', 'set', node?.interface.name ?? 'eth0', 'down']);
  await killContainer(engine, container.id);
}

/** Starts a stopped node; resolves when its container runs, its pods and routes come later. */
export async function startNode(engine: Engine, lab: RunningLab, name: string): Promise<void> {
  await startContainer(engine, nodeContainer(lab, name).id);
}
