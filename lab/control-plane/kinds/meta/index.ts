export * from './label-selector.ts';
export * from './names.ts';
export * from './object-meta.ts';
