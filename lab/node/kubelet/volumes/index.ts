export type { Claims } from './claim.ts';
export { type DataReference, volumeReferences } from './content.ts';
export { volumeMounts } from './mounts.ts';
export { type PreparedVolumes, prepareVolumes, type VolumeSources } from './prepare.ts';
export { type PodToken, type TokenSource, type Tokens, tokenKey } from './tokens.ts';
export { VolumeError } from './volume-error.ts';
