export { controllerManager, type ManagerOptions } from './manager.ts';
