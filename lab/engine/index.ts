export { type FileSpec, getFiles, putFiles, putTar, tarOf } from './archive.ts';
export { connectEngine, type Engine, type EngineInfo, findRunningEngine, runningEngine } from './connect.ts';
export {
  type ContainerNetwork,
  type ContainerSpec,
  containerSpecHash,
  createContainer,
  killContainer,
  removeContainer,
  startContainer,
  stopContainer,
  type VolumeMount,
} from './containers.ts';
export { dockerError, engineMessage, isNotFound, shellQuote } from './errors.ts';
export { type AttachedExecOptions, type Captured, capture, exec, writeFile } from './exec.ts';
export type { ExecOptions } from './exec-attach.ts';
export { linesOf, type StreamedExec, stream } from './exec-stream.ts';
export { removeOrphanHelpers } from './helpers.ts';
export { type ImageName, podImages, REPOSITORY } from './image-folders.ts';
export { collectImages } from './image-gc.ts';
export { normaliseRef, refSpellings, standIn } from './image-ref.ts';
export {
  ensureImageVolume,
  ensureInStore,
  IMAGE_VOLUME,
  listStore,
  type StoredRef,
  type StoreEntry,
} from './image-store.ts';
export { type BuiltImage, ensureImages, imageTags } from './images.ts';
export { LABEL, objectName, PREFIX, type Role } from './labels.ts';
export {
  type LabContainer,
  type LabNetwork,
  type LabObjects,
  type LabVolume,
  listLab,
  listLabs,
} from './list.ts';
export { bringPodImages, loadImage } from './load-image.ts';
export { containerLog, followLog, type LogOptions } from './logs.ts';
export {
  NETWORK_FILE_PATH,
  type NetworkFile,
  type NetworkLink,
  type NetworkRoute,
  READY_PATH,
  renderNetworkFile,
  TUNL0_PATH,
} from './network-file.ts';
export {
  type AddressClash,
  addressClashes,
  ensureNetwork,
  type NetworkHandle,
  type NetworkSpec,
  removeNetwork,
  subnetsOverlap,
} from './networks.ts';
export { type ImageProgress, type OnImageProgress, progressLines } from './progress.ts';
export { waitUntilReady } from './ready.ts';
export { removeImages } from './remove-images.ts';
export { specHash } from './spec-hash.ts';
export { HOPLAB_VERSION } from './version.ts';
export { ensureVolume, removeVolume } from './volumes.ts';
