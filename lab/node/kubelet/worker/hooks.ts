import type { Container, LifecycleHandler } from '../../runtime/index.ts';
import type { ContainerRecord } from '../pod-status.ts';
import { type Outcome, runHandler } from '../probes/index.ts';
import { handlerTarget } from './handler-target.ts';
import type { PodScope } from './pod-scope.ts';

const SECOND = 1000;

/** Runs a postStart or preStop handler. @param limit seconds it may take */
export async function runHook(
  scope: PodScope,
  container: Container,
  record: ContainerRecord,
  hook: LifecycleHandler,
  limit: number,
): Promise<Outcome> {
  if (hook.sleep) {
    const seconds = Math.min(hook.sleep.seconds, limit);
    await new Promise((resolve) => setTimeout(resolve, seconds * SECOND));
    return { ok: true, message: '' };
  }
  return runHandler(hook, handlerTarget(scope, container, record), Math.max(1, limit) * SECOND);
}
