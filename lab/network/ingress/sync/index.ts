export { Syncer, type SyncerOptions, type SyncReport } from './syncer.ts';
