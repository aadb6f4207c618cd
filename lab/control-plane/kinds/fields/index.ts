export * from './errors.ts';
export * from './go-text.ts';
