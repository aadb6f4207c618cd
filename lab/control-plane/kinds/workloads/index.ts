export { controllerrevisions } from './controller-revision.ts';
export { daemonsets } from './daemonset.ts';
export { deployments } from './deployment.ts';
export { replicasets } from './replicaset.ts';
