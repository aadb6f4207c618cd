export { ApiDatastore, type ObjectMapping, type ObjectMappings } from './api.ts';
export type { Datastore, Listed, Stored } from './datastore.ts';
export type { ConflictReason } from './errors.ts';
export { ConflictError, DatastoreError, isConflict, UnavailableError } from './errors.ts';
export { MemoryDatastore } from './memory.ts';
