export * from './equal.ts';
export * from './ip.ts';
export * from './quantity.ts';
