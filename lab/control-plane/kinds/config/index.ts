export { configmaps } from './configmap.ts';
export { secrets } from './secret.ts';
