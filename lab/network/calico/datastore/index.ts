export type { Datastore, Listed, Stored } from './datastore.ts';
export type { ConflictReason } from './errors.ts';
export { ConflictError, DatastoreError, isConflict } from './errors.ts';
export { FileDatastore } from './file.ts';
export { MemoryDatastore } from './memory.ts';
