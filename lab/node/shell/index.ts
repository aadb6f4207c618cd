export { commandRunner, runFailure, startCommandRunner } from './command-runner.ts';
export { writeAtomically, writeIfChanged } from './files.ts';
export { CommandError, follow, run } from './run.ts';
