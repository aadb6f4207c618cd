export { type KernelChain, type KernelTable, parseSave } from './kernel.ts';
export { type Change, type ChangeOptions, tableChange } from './restore.ts';
