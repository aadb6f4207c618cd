import type { EventRecorder } from '../../../api/client/index.ts';
import type { Pod } from '../../runtime/index.ts';
import { log } from '../log.ts';
import type { EventSink } from '../status-sink.ts';

/** Which part of the pod an event is about: `spec.containers{web}`. pkg/kubelet/container/ref.go. */
export function fieldPath(pod: Pod, container: string): string {
  const init = pod.spec.initContainers?.some(({ name }) => name === container);
  return `spec.${init ? 'initContainers' : 'containers'}{${container}}`;
}

/** More events than a node has before its API server runs, which may be one of its own pods. */
const MAX_EARLY = 256;

/**
 * Events to the log, and to the API where there is one. What happens before the server has been heard is told then.
 * @param heard resolves when the API server has answered for the first time
 */
export function eventSink(
  recorder: EventRecorder | undefined,
  heard: Promise<void> = Promise.resolve(),
): EventSink {
  let early: (() => void)[] | undefined = [];
  void heard.then(() => {
    for (const tell of early ?? []) tell();
    early = undefined;
  });
  return (pod, type, reason, message, container) => {
    const { namespace, name, uid } = pod.metadata;
    (type === 'Warning' ? log.warn : log.info)('Event occurred', {
      object: `${namespace}/${name}`,
      ...(container === undefined ? {} : { fieldPath: fieldPath(pod, container) }),
      type,
      reason,
      message,
    });
    const about = { kind: 'Pod', apiVersion: 'v1', namespace, name, uid };
    const reference = container === undefined ? about : { ...about, fieldPath: fieldPath(pod, container) };
    const tell = () => recorder?.event(reference, type, reason, message);
    if (early === undefined) tell();
    else if (early.length < MAX_EARLY) early.push(tell);
  };
}
