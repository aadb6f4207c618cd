export * from './kind.ts';
export * from './registry.ts';
export * from './status-error.ts';
