export { defaultTemplate } from './defaults.ts';
export { pods } from './kind.ts';
export { validateAlwaysRunning, validateTemplate } from './validation.ts';
export { nonNegative, validatePortOrName } from './validation-probe.ts';
export { podWarnings } from './warnings.ts';
