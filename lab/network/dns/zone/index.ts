export { answer, type Zone, type ZoneAnswer } from './answer.ts';
export {
  type ClusterData,
  type DnsService,
  POD_INDEXES,
  SERVICE_INDEXES,
  SLICE_INDEXES,
} from './cluster-data.ts';
export { addressOfReverse } from './reverse.ts';
export { REVERSE_ZONES, type ZoneOptions } from './zone-options.ts';
