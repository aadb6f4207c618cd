export type * from './apps.ts';
export type * from './core.ts';
export type * from './discovery.ts';
export type * from './meta.ts';
