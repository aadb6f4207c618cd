import { canonicalJson } from '../../../api/hash.ts';
import type { EndpointSlice, SliceEndpoint, SlicePort } from '../../../api/objects/index.ts';
import type { DesiredGroup } from './desired.ts';

/** As the real controllers' --max-endpoints-per-slice. */
const MAX_PER_SLICE = 100;

/** What slices of a service must carry besides endpoints. */
export interface SliceFrame {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface SlicePlan {
  readonly create: readonly { readonly endpoints: SliceEndpoint[]; readonly ports: SlicePort[] }[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/**
 * Fits endpoints into slices with the fewest writes: known endpoints stay where they are, new ones fill the slices that must be
 * written anyway, then one that has room for all of them, then new slices. endpointslice/reconciler.go reconcileByPortMapping.
 *
 * @param keepEmpty a service without endpoints keeps one empty slice; mirrored Endpoints keep none
 */
export function fitIntoSlices(
  existing: readonly EndpointSlice[],
  groups: readonly DesiredGroup[],
  frame: SliceFrame,
  keepEmpty: boolean,
): SlicePlan {
  const create: { endpoints: SliceEndpoint[]; ports: SlicePort[] }[] = [];
  const update: EndpointSlice[] = [];
  const surplus = new Set(existing);
  const wanted = groups.filter(({ endpoints }) => endpoints.length > 0);
  for (const group of wanted) {
    const key = canonicalJson(group.ports);
    const own = existing.filter(({ ports }) => canonicalJson(ports ?? []) === key);
    for (const slice of own) surplus.delete(slice);
    const fitted = fitGroup(own, group, frame);
    create.push(...fitted.create);
    update.push(...fitted.update);
    for (const slice of fitted.delete) surplus.add(slice);
  }
  return recycle({ create, update, delete: [...surplus] }, frame, keepEmpty && wanted.length === 0);
}

/** A slice that would be deleted is refilled rather than replaced, as the real one keeps its slice when a port changes. */
function recycle(plan: SlicePlan, frame: SliceFrame, placeholder: boolean): SlicePlan {
  const surplus = [...plan.delete];
  const create = placeholder ? [{ endpoints: [], ports: [] }] : [...plan.create];
  const update = [...plan.update];
  while (surplus.length > 0 && create.length > 0) {
    const slice = surplus.shift() as EndpointSlice;
    const content = create.shift() as { endpoints: SliceEndpoint[]; ports: SlicePort[] };
    const refilled = framed({ ...slice, ...content }, frame);
    if (!sameSlice(slice, refilled)) update.push(refilled);
  }
  return { create, update, delete: surplus };
}

function fitGroup(own: readonly EndpointSlice[], group: DesiredGroup, frame: SliceFrame): SlicePlan {
  const missing = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const kept = own.map((slice) => {
    const endpoints = (slice.endpoints ?? []).flatMap((endpoint) => {
      const id = identity(endpoint);
      const desired = missing.get(id);
      missing.delete(id);
      return desired ? [desired] : [];
    });
    return { slice, endpoints };
  });
  const rest = inOrder([...missing.values()]);
  const isChanged = ({ slice, endpoints }: (typeof kept)[number]) =>
    !sameSlice(slice, framed({ ...slice, endpoints }, frame));
  // Fullest first, so that slices get full rather than many.
  const changed = kept.filter(isChanged).sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const { endpoints } of changed) endpoints.push(...rest.splice(0, MAX_PER_SLICE - endpoints.length));
  if (rest.length > 0) {
    const roomy = kept
      .filter(({ endpoints }) => endpoints.length + rest.length <= MAX_PER_SLICE)
      .sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
    roomy?.endpoints.push(...rest.splice(0));
  }
  const create: { endpoints: SliceEndpoint[]; ports: SlicePort[] }[] = [];
  while (rest.length > 0) create.push({ endpoints: rest.splice(0, MAX_PER_SLICE), ports: [...group.ports] });
  return {
    create,
    update: kept
      .filter((entry) => entry.endpoints.length > 0 && isChanged(entry))
      .map(({ slice, endpoints }) => framed({ ...slice, endpoints: inOrder(endpoints) }, frame)),
    delete: kept.filter(({ endpoints }) => endpoints.length === 0).map(({ slice }) => slice),
  };
}

/**
 * By address, as text: so the addresses of an Endpoints object are sorted (endpoints/util.go LessEndpointAddress), which is where
 * kubectl took those of Figure 87 from. The real controller goes through a map, and its slices have any order; here the same pods
 * give the same slice. Order alone is no reason to write: a slice that has another one keeps it until something else changes.
 */
function inOrder(endpoints: readonly SliceEndpoint[]): SliceEndpoint[] {
  const place = (endpoint: SliceEndpoint) => `${endpoint.addresses[0] ?? ''} ${identity(endpoint)}`;
  return endpoints
    .map((endpoint) => ({ endpoint, place: place(endpoint) }))
    .sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0))
    .map(({ endpoint }) => endpoint);
}

/** Which endpoint it is, whatever its state: endpointsliceutil's hashEndpoint. */
function identity({ addresses, hostname, targetRef, nodeName }: SliceEndpoint): string {
  return canonicalJson([addresses, hostname, targetRef?.uid, targetRef?.name, nodeName]);
}

function framed(slice: EndpointSlice, { labels, annotations }: SliceFrame): EndpointSlice {
  return {
    ...slice,
    metadata: { ...slice.metadata, labels: { ...labels }, annotations: { ...annotations } },
  };
}

/** The annotation of the trigger time alone is no reason to write. */
function sameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  const content = ({ endpoints, ports, metadata }: EndpointSlice) => {
    const { 'endpoints.kubernetes.io/last-change-trigger-time': _time, ...annotations } =
      metadata.annotations ?? {};
    return canonicalJson([endpoints ?? [], ports ?? [], metadata.labels ?? {}, annotations]);
  };
  return content(a) === content(b);
}
