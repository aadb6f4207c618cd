export {
  CERTIFICATE,
  checkIdentity,
  heartbeatFor,
  KEY,
  KUBELET_CONFIG_PATH,
  type KubeletConfig,
  readKubeletConfig,
} from './config.ts';
export { type ApiConnection, type ApiConnectionOptions, connectApi } from './connect.ts';
export { eventSink } from './event-sink.ts';
export { readNodeFacts } from './node-facts.ts';
export { KUBELET_PORT, type NodeFacts, type NodeIdentity, nodeResources } from './node-object.ts';
export { podObjects } from './pod-objects.ts';
