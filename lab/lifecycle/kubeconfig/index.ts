export { carryKubeconfig, type KubeconfigRequest } from './kubeconfig.ts';
