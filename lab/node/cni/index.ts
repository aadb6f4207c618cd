export { vethName } from '../../api/veth.ts';
export { CNI_CONF_PATH, cniConfList, DATASTORE_PATH, NETWORK_NAME } from './conf-list.ts';
export { GATEWAY, HOST_MAC } from './wiring.ts';
