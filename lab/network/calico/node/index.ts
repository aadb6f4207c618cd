export { cniConfList } from './conf-list.ts';
export { cniKubeconfig } from './kubeconfig.ts';
