import type { Deployment, Event, ReplicaSet } from '../../../api/objects/index.ts';
import { REVISION } from '../deployment/annotations.ts';
import type { FakeWrite } from './api.ts';

/** Lines of a recorded sequence, or of a fake cluster's writes, that can be compared: times and random names are masked. */
export interface Trace {
  readonly deployments: string[];
  /** By object. */
  readonly replicaSets: string[];
  /** Events of Deployments and ReplicaSets, by the object they are about. */
  readonly events: string[];
}

/** Replaces hashes of ReplicaSets by the set's last revision and cuts off pods' suffixes. */
class Names {
  readonly #revisions = new Map<string, string>();

  constructor(lines: readonly string[]) {
    for (const line of lines) {
      const [, hash, revision] = /-([0-9a-z]{6,10}) (?:rv=\d+ )?rev=(\d+)/.exec(line) ?? [];
      if (hash && revision) this.#revisions.set(hash, revision);
    }
  }

  mask(text: string): string {
    return text.replace(
      /\b(web|lim|slow|rec)-([0-9a-z]{6,10})(-[0-9a-z]{5})?\b/g,
      (_all, name, hash, suffix) => {
        return `${name}-R${this.#revisions.get(hash) ?? '?'}${suffix ? '-*' : ''}`;
      },
    );
  }
}

/** The recorded lines from the first step on. */
export function recordedTrace(out: string, name = 'web'): Trace {
  const lines = out.split('\n').filter((line) => /^ *\d+ {2}/.test(line));
  const first = lines.findIndex((line) => / -- /.test(line));
  const names = new Names(lines);
  const trace: Trace = { deployments: [], replicaSets: [], events: [] };
  lines.forEach((line, index) => {
    const [, type = '', kind = '', rest = ''] = /^ *\d+ {2}(\w+) +(\w+) (.*)$/.exec(line) ?? [];
    const text = names.mask(rest.replace(/^[^ ]*?\/(\S+) rv=\d+/, '$1').trim());
    if (index < first || !text.startsWith(name)) return;
    if (kind === 'Deployment') trace.deployments.push(`${type} ${text}`);
    if (kind === 'ReplicaSet') trace.replicaSets.push(`${type} ${text}`);
    if (kind !== 'Event') return;
    const [, event] = /^\S+ +(\w+ \w+ (?:Deployment|ReplicaSet)\/.*)$/.exec(text) ?? [];
    if (event) trace.events.push(event);
  });
  return sorted(trace);
}

/** The same of what was written to the fake API. */
export function writtenTrace(writes: readonly FakeWrite[], from: number, name = 'web'): Trace {
  const lines = writes.map(({ resource, object }) =>
    describe(resource, object as Deployment & ReplicaSet & Event),
  );
  const names = new Names(lines.map((line) => line ?? ''));
  const trace: Trace = { deployments: [], replicaSets: [], events: [] };
  writes.forEach(({ type, resource }, index) => {
    const line = lines[index];
    if (index < from || line === undefined) return;
    const text = names.mask(line);
    if (resource === 'events') trace.events.push(text);
    else if (!text.startsWith(name)) return;
    else if (resource === 'deployments.apps') trace.deployments.push(`${type} ${text}`);
    else trace.replicaSets.push(`${type} ${text}`);
  });
  return sorted(trace);
}

/** Writes to different objects by different syncs come in any order; those to one object in theirs. */
function sorted(trace: Trace): Trace {
  return {
    deployments: trace.deployments,
    replicaSets: byWord(trace.replicaSets, 1),
    events: byWord(trace.events, 2),
  };
}

function byWord(lines: readonly string[], index: number): string[] {
  const word = (line: string) => line.split(' ')[index] ?? '';
  return [...lines].sort((a, b) => (word(a) < word(b) ? -1 : word(a) > word(b) ? 1 : 0));
}

function describe(resource: string, object: Deployment & ReplicaSet & Event): string | undefined {
  const { metadata, spec, status } = object;
  const revision = metadata.annotations?.[REVISION] ?? '';
  if (resource === 'events') {
    const { involvedObject, reason, message, count } = object;
    if (involvedObject.kind !== 'Deployment' && involvedObject.kind !== 'ReplicaSet') return undefined;
    return `${object.type} ${reason} ${involvedObject.kind}/${involvedObject.name} x${count} "${message}"`;
  }
  if (resource === 'deployments.apps') {
    const conditions = (status?.conditions ?? [])
      .map((one) => `${one.type}=${one.status}/${one.reason}`)
      .join(',');
    const counts = `replicas=${status?.replicas ?? 0} updated=${status?.updatedReplicas ?? 0} ready=${status?.readyReplicas ?? 0} avail=${status?.availableReplicas ?? 0} unavail=${status?.unavailableReplicas ?? 0}`;
    return `${metadata.name} gen=${metadata.generation} obs=${status?.observedGeneration ?? 0} rev=${revision} spec=${spec.replicas} ${counts} cond=${conditions}`;
  }
  if (resource === 'replicasets.apps') {
    return `${metadata.name} rev=${revision} spec=${spec.replicas} replicas=${status?.replicas ?? 0} ready=${status?.readyReplicas ?? 0} avail=${status?.availableReplicas ?? 0}`;
  }
  return undefined;
}
