export { Collection, type CollectionReader, lowerBound } from './collection.ts';
export { type Engine, openEngine } from './engine.ts';
export { Entry, type EntryType, entryOf, entryType, keyOf } from './entry.ts';
export { DEFAULT_LOG_BOUNDS, EventLog, type LogBounds, type StoreEvent } from './event-log.ts';
export { memoryEngine } from './memory-engine.ts';
export { Store, type StoreOptions } from './store.ts';
export type { ViewOptions } from './view.ts';
