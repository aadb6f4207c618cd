export { persistentvolumes } from './persistentvolume.ts';
export { persistentvolumeclaims } from './persistentvolumeclaim.ts';
export { storageclasses } from './storageclass.ts';
