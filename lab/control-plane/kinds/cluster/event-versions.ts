import type { KubeObject } from '../../registry/kind.ts';

/** Fields of events.k8s.io/v1 by their names in core/v1 (pkg/apis/core and events conversion). */
const names: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

export function toNewEvent(object: KubeObject): KubeObject {
  return renamed(object, 'events.k8s.io/v1', new Map(names));
}

export function fromNewEvent(object: KubeObject): KubeObject {
  return renamed(object, 'v1', new Map(names.map(([core, newer]) => [newer, core])));
}

function renamed(object: KubeObject, apiVersion: string, fields: ReadonlyMap<string, string>): KubeObject {
  const entries = Object.entries(object).map(([key, value]) => [fields.get(key) ?? key, value]);
  return { ...(Object.fromEntries(entries) as KubeObject), apiVersion };
}
