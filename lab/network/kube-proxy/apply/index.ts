export { failingLine } from './failure.ts';
export { type Iptables, systemIptables } from './iptables.ts';
export { type Kernel, type KernelTable, kernelAfter } from './kernel.ts';
export { SavedReader } from './saved.ts';
export { transactions } from './transactions.ts';
