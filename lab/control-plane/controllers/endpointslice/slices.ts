import type { Informer } from '../../../api/client/index.ts';
import type { EndpointSlice } from '../../../api/objects/index.ts';
import { MANAGED_BY, SERVICE_NAME } from './writes.ts';

const BY_SERVICE = 'service';

export interface ManagedSlices {
  /** Slices of a service (`namespace/name`) that this controller manages and that are not being deleted. */
  of(service: string): EndpointSlice[];
  /** Tells of slices that somebody else changed or deleted. */
  changed(listener: (service: string) => void): void;
}

/** The slices of one managing controller. */
export function slicesOf(slices: Informer<EndpointSlice>, controller: string): ManagedSlices {
  slices.addIndex(BY_SERVICE, (slice) => [serviceOf(slice)]);
  const isOurs = ({ metadata }: EndpointSlice) => metadata.labels?.[MANAGED_BY] === controller;
  return {
    of: (service) =>
      slices
        .byIndex(BY_SERVICE, service)
        .filter((slice) => isOurs(slice) && !slice.metadata.deletionTimestamp)
        .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)),
    changed(listener) {
      const tell = (slice: EndpointSlice) => {
        if (isOurs(slice)) listener(serviceOf(slice));
      };
      slices.on({
        add: tell,
        delete: tell,
        update(slice, old) {
          tell(slice);
          // Taken away from us by a change of the label.
          if (!isOurs(slice)) tell(old);
        },
      });
    },
  };
}

function serviceOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME] ?? ''}`;
}
