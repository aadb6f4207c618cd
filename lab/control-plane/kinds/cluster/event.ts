import type { CoreV1Event } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { invalid } from '../fields/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { age, column, columnOf, nameColumn, wide } from '../tables/index.ts';
import { fromNewEvent, toNewEvent } from './event-versions.ts';

const asEvent = (object: KubeObject): CoreV1Event => object as unknown as CoreV1Event;

export const events: Kind = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.core.v1.Event'),
  alsoServed: [
    {
      group: 'events.k8s.io',
      version: 'v1',
      schema: schemaOf('io.k8s.api.events.v1.Event'),
      toStorage: fromNewEvent,
      fromStorage: toNewEvent,
    },
  ],
  // Fields without omitempty: Go writes them even when they are not set.
  defaults(object) {
    object.involvedObject ??= {};
    object.source ??= {};
    object.firstTimestamp ??= null;
    object.lastTimestamp ??= null;
    object.eventTime ??= null;
    object.reportingComponent ??= '';
    object.reportingInstance ??= '';
  },
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateNamespace(object),
  ],
  validateUpdate: (object, old) => [...validateObjectMetaUpdate(object, old), ...validateNamespace(object)],
  fieldSelectors: fields,
  columns: [
    column('Last Seen', 'The time at which the most recent occurrence of this event was recorded.'),
    columnOf('Type', 'core.v1.Event#type'),
    columnOf('Reason', 'core.v1.Event#reason'),
    columnOf('Object', 'core.v1.Event#involvedObject'),
    columnOf('Subobject', 'core.v1.ObjectReference#fieldPath', wide),
    columnOf('Source', 'core.v1.Event#source', wide),
    columnOf('Message', 'core.v1.Event#message'),
    columnOf('First Seen', 'core.v1.Event#firstTimestamp', wide),
    columnOf('Count', 'core.v1.Event#count', wide),
    { ...nameColumn, priority: 1 },
  ],
  row,
};

/** An event lives in the namespace of what it is about; those about cluster-scoped objects, in default. */
function validateNamespace(object: KubeObject): FieldError[] {
  const about = asEvent(object).involvedObject?.namespace ?? '';
  const namespace = object.metadata.namespace ?? '';
  const fits = about === '' ? namespace === 'default' || namespace === 'kube-system' : about === namespace;
  return fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

/** ToSelectableFields of pkg/registry/core/event */
function fields(object: KubeObject): Record<string, string> {
  const event = asEvent(object);
  const about = event.involvedObject ?? {};
  const source = event.source?.component || event.reportingComponent || '';
  return {
    'involvedObject.kind': about.kind ?? '',
    'involvedObject.namespace': about.namespace ?? '',
    'involvedObject.name': about.name ?? '',
    'involvedObject.uid': about.uid ?? '',
    'involvedObject.apiVersion': about.apiVersion ?? '',
    'involvedObject.resourceVersion': about.resourceVersion ?? '',
    'involvedObject.fieldPath': about.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: source,
    source,
    type: event.type ?? '',
  };
}

/** printEvent */
function row(object: KubeObject, now: Date): (string | number)[] {
  const event = asEvent(object);
  const since = (time: unknown): string => age(time as string | undefined, now);
  const first = event.firstTimestamp ? since(event.firstTimestamp) : since(event.eventTime);
  let last = event.lastTimestamp ? since(event.lastTimestamp) : first;
  let count = event.count || 1;
  if (event.series) {
    last = since(event.series.lastObservedTime);
    count = event.series.count ?? 0;
  }
  const { kind = '', name = '', fieldPath = '' } = event.involvedObject ?? {};
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
    fieldPath,
    sourceText(event),
    (event.message ?? '').trim(),
    first,
    count,
    object.metadata.name,
  ];
}

function sourceText({ source, reportingComponent, reportingInstance }: CoreV1Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.component ? (source.host ?? '') : source?.host || reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}
