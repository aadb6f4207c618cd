export {
  ApiError,
  isAlreadyExists,
  isConflict,
  isGone,
  isNamespaceTerminating,
  isNotFound,
} from './api-error.ts';
export type {
  ApiClient,
  DeleteOptions,
  ListOptions,
  ListResult,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
export { type Clock, ManualClock, microTime, systemClock, timestamp } from './clock.ts';
export { clientFromEnvironment, inClusterClient } from './environment.ts';
export {
  type EventRecorder,
  type EventRecorderOptions,
  eventRecorder,
  referenceTo,
} from './event-recorder.ts';
export { clientFromFile, type HttpsClientOptions, httpsClient } from './https-client.ts';
export { type Informer, type InformerHandler, type InformerOptions, informer } from './informer.ts';
export { type InformerFactory, informerFactory } from './informer-factory.ts';
export { type IndexFunction, keyOf, type Lister, ObjectStore, splitKey } from './object-store.ts';
export * from './resources.ts';
export { WorkQueue, type WorkQueueOptions } from './work-queue.ts';
export { writeThrough } from './write-through.ts';
