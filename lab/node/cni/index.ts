export { CNI_CONF_PATH, cniConfList, DATASTORE_PATH, NETWORK_NAME } from './conf-list.ts';
export { vethName } from './veth-name.ts';
export { GATEWAY, HOST_MAC } from './wiring.ts';
