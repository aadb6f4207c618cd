export { blockaffinities, ipamblocks, ipamconfigs, ipamhandles } from './ipam.ts';
export { ippools } from './ippool.ts';
export { workloadendpoints } from './workload-endpoint.ts';
