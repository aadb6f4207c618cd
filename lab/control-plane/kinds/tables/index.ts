export * from './columns.ts';
export * from './human-duration.ts';
