export type { Claims } from './claim.ts';
export { type DataReference, volumeReferences } from './content.ts';
export { volumeMounts } from './mounts.ts';
export { prepareVolumes, type VolumeSources } from './prepare.ts';
export { VolumeError } from './volume-error.ts';
