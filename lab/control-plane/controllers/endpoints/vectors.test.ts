import { describe, expect, it } from 'vitest';
import { loadVectors, manifest } from '../../../../test/vectors/load.ts';
import { canonicalJson } from '../../../api/hash.ts';
import type {
  ApiObject,
  EndpointSlice,
  EndpointSubset,
  Endpoints,
  Node,
  Pod,
  Service,
} from '../../../api/objects/index.ts';
import { fromLabels, matches } from '../../../api/selectors.ts';
import { desiredGroups } from '../endpointslice/desired.ts';
import { isMirrored, mirroredAnnotations, mirroredGroups } from '../endpointslice/mirroring.ts';
import { subsetsOf } from './subsets.ts';

interface State {
  readonly services: readonly Service[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly endpoints: readonly Endpoints[];
  readonly endpointslices: readonly EndpointSlice[];
}

const RECORDED_STREAMS = ['services', 'pods', 'endpoints', 'endpointslices'] as const;
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE_NAME = 'kubernetes.io/service-name';

const sameNamespace = (a: ApiObject, b: ApiObject) => a.metadata.namespace === b.metadata.namespace;
const selectedBy = (service: Service, pods: readonly Pod[]) =>
  pods.filter(
    (pod) =>
      sameNamespace(pod, service) && matches(fromLabels(service.spec.selector ?? {}), pod.metadata.labels),
  );
/** Order is of no meaning between subsets, slices and endpoints. */
const asSet = (values: readonly unknown[]) => values.map(canonicalJson).sort();

function slicesOf(state: State, owner: ApiObject, controller: string): EndpointSlice[] {
  return state.endpointslices.filter(
    (slice) =>
      sameNamespace(slice, owner) &&
      slice.metadata.labels?.[SERVICE_NAME] === owner.metadata.name &&
      slice.metadata.labels?.[MANAGED_BY] === controller,
  );
}

const contents = (
  groups: readonly { endpoints?: readonly unknown[] | null; ports?: readonly unknown[] | null }[],
) =>
  asSet(
    groups
      .filter(({ endpoints }) => (endpoints ?? []).length > 0)
      .map(({ endpoints, ports }) => ({ endpoints: asSet(endpoints ?? []), ports: asSet(ports ?? []) })),
  );

/** Compares what was recorded of each service with what comes of its pods. @returns how many were compared */
function check(state: State, what: string): number {
  let compared = 0;
  const nodes = new Map(state.nodes.map((node) => [node.metadata.name ?? '', node]));
  for (const service of state.services) {
    if (!service.spec.selector || service.spec.type === 'ExternalName') continue;
    const pods = selectedBy(service, state.pods);
    const where = `${what} ${service.metadata.namespace}/${service.metadata.name}`;
    const recorded = state.endpoints.find(
      (one) => sameNamespace(one, service) && one.metadata.name === service.metadata.name,
    );
    if (recorded) {
      expect(subsetSet(subsetsOf(service, pods)), where).toEqual(subsetSet(recorded.subsets ?? []));
      compared++;
    }
    const slices = slicesOf(state, service, 'endpointslice-controller.k8s.io');
    if (slices.length > 0) {
      expect(contents(desiredGroups(service, pods, nodes)), where).toEqual(contents(slices));
      compared++;
    }
  }
  return compared;
}

/** Ports of a subset are recorded in the order of a hash. */
const subsetSet = (subsets: readonly EndpointSubset[]) =>
  asSet(subsets.map((subset) => ({ ...subset, ports: asSet(subset.ports ?? []) })));

function list<T>(name: string): T[] {
  return (JSON.parse(manifest(`state-main/${name}.json`)) as { items: T[] }).items;
}

describe('Endpoints and EndpointSlices as recorded', () => {
  it('of all services of the main state', () => {
    const state: State = {
      services: list('services'),
      pods: list('pods'),
      nodes: list('nodes'),
      endpoints: list('endpoints'),
      endpointslices: list('endpointslices'),
    };
    expect(check(state, 'state-main')).toBeGreaterThan(20);
  });

  for (const name of ['seq-ep-ready-unready', 'seq-ep-terminating']) {
    it(`${name}: at the end of every step`, () => {
      let compared = 0;
      replay(name, (state, step) => {
        compared += check(state, `${name}, before "${step}"`);
      });
      expect(compared).toBeGreaterThan(3);
    });
  }

  it('seq-ep-mirroring: hand-written Endpoints', () => {
    let compared = 0;
    replay('seq-ep-mirroring', (state, step) => {
      for (const endpoints of state.endpoints) {
        const service = state.services.find(({ metadata }) => metadata.name === endpoints.metadata.name);
        const slices = slicesOf(state, endpoints, 'endpointslicemirroring-controller.k8s.io');
        const wanted = isMirrored(endpoints, service) ? mirroredGroups(endpoints) : [];
        expect(contents(wanted), step).toEqual(contents(slices));
        for (const slice of slices) {
          expect(slice.metadata.annotations ?? {}, step).toEqual(mirroredAnnotations(endpoints));
        }
        compared++;
      }
    });
    expect(compared).toBeGreaterThan(3);
  });
});

/** Plays the recorded watches and calls back before each step, when the controllers had settled, and at the end. */
function replay(name: string, settled: (state: State, step: string) => void): void {
  const objects = new Map<string, Map<string, ApiObject>>();
  const all = <T extends ApiObject>(stream: string) => [...(objects.get(stream)?.values() ?? [])] as T[];
  const state = (): State => ({
    services: all('services'),
    pods: all('pods'),
    nodes: [],
    endpoints: all('endpoints'),
    endpointslices: all('endpointslices'),
  });
  let first = true;
  for (const line of (loadVectors().get(name)?.json ?? '').trim().split('\n')) {
    const entry = JSON.parse(line) as {
      step?: string;
      stream?: (typeof RECORDED_STREAMS)[number];
      event?: { type: string; object: ApiObject };
    };
    if (entry.step) {
      // The watches were still being filled when the first step was taken.
      if (!first) settled(state(), entry.step);
      first = false;
    }
    if (!entry.stream || !entry.event) continue;
    const known = objects.get(entry.stream) ?? new Map<string, ApiObject>();
    objects.set(entry.stream, known);
    const { type, object } = entry.event;
    if (type === 'DELETED') known.delete(object.metadata.name ?? '');
    else known.set(object.metadata.name ?? '', object);
  }
  settled(state(), 'the end');
}
