import type { Kind } from '../../registry/kind.ts';
import { customKind } from '../custom.ts';

const calico = { group: 'crd.projectcalico.org', version: 'v1', namespaced: false } as const;

/** A node's claim on a block of addresses. */
export const blockaffinities: Kind = customKind({
  ...calico,
  kind: 'BlockAffinity',
  plural: 'blockaffinities',
  singular: 'blockaffinity',
  definition: 'org.projectcalico.crd.v1.BlockAffinity',
});

/** A block of addresses and who has which of them. */
export const ipamblocks: Kind = customKind({
  ...calico,
  kind: 'IPAMBlock',
  plural: 'ipamblocks',
  singular: 'ipamblock',
  definition: 'org.projectcalico.crd.v1.IPAMBlock',
});

/** Where the addresses of one handle are. */
export const ipamhandles: Kind = customKind({
  ...calico,
  kind: 'IPAMHandle',
  plural: 'ipamhandles',
  singular: 'ipamhandle',
  definition: 'org.projectcalico.crd.v1.IPAMHandle',
});

/** Addresses that Calico's IPAM gives to nobody who does not ask for one by name. */
export const ipreservations: Kind = customKind({
  ...calico,
  kind: 'IPReservation',
  plural: 'ipreservations',
  singular: 'ipreservation',
  definition: 'org.projectcalico.crd.v1.IPReservation',
});

/** How Calico hands out addresses; the one object of the kind is called `default`. */
export const ipamconfigs: Kind = customKind({
  ...calico,
  kind: 'IPAMConfig',
  plural: 'ipamconfigs',
  singular: 'ipamconfig',
  definition: 'org.projectcalico.crd.v1.IPAMConfig',
});
