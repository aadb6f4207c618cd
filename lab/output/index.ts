export { type ProgressStream, type Step, Steps } from './steps.ts';
export { renderTable } from './table.ts';
