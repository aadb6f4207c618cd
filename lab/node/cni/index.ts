export { vethName } from '../../api/veth.ts';
export { GATEWAY, HOST_MAC } from './wiring.ts';
