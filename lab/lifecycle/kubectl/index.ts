export { ADMIN_CONF, controlPlane } from './control-plane.ts';
export { type KubectlRequest, kubectlAttached } from './kubectl.ts';
