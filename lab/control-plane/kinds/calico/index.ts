export { blockaffinities, ipamblocks, ipamconfigs, ipamhandles, ipreservations } from './ipam.ts';
export { ippools } from './ippool.ts';
export { workloadendpoints } from './workload-endpoint.ts';
