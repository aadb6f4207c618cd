export { type Controller, startController } from './program/controller.ts';
export { type Options, readOptions } from './program/options.ts';
