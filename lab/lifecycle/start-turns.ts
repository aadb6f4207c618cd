import type { ContainerStep } from './plan.ts';

/** When a container may be started, and whom to tell that it was, or that it will not be. */
interface StartTurn {
  readonly step: ContainerStep;
  readonly turn: Promise<void>;
  readonly started: () => void;
}

/**
 * All containers are made at once, but the nodes are started first: a cluster takes several seconds to be ready, and the
 * machines around it can be started while its first programs wait for each other. Pure but for its promises.
 */
export function startTurns(
  due: readonly ContainerStep[],
  isNode: (name: string) => boolean,
): readonly StartTurn[] {
  const outstanding = new Set(due.map(({ name }) => name).filter(isNode));
  let open = () => {};
  const nodesStarted = new Promise<void>((resolve) => {
    open = resolve;
  });
  const started = (name: string) => {
    outstanding.delete(name);
    if (outstanding.size === 0) open();
  };
  if (outstanding.size === 0) open();
  return due.map((step) => ({
    step,
    turn: isNode(step.name) ? Promise.resolve() : nodesStarted,
    started: () => started(step.name),
  }));
}
