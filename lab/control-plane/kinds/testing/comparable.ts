import type { HttpExchange } from '../../../../test/vectors/load.ts';
import type { KubeObject, Schema } from '../../registry/index.ts';
import { dropEmpty } from '../empty.ts';

/** Set by the server and its admission plugins, not by the kind. */
const serverMetadata = ['managedFields', 'uid', 'resourceVersion', 'creationTimestamp', 'generateName'];
/** Written by controllers and by kubectl, between the vectors. */
const annotations = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision'];
const admittedPodFields = [
  'serviceAccountName',
  'serviceAccount',
  'tolerations',
  'priority',
  'preemptionPolicy',
];

type Request = Pick<HttpExchange, 'method' | 'body'>;

/** An object without what differs from run to run or is not the kind's doing. */
export function comparable(given: KubeObject, schema: Schema, request: Request): unknown {
  const object = structuredClone(given);
  dropEmpty(object, schema);
  for (const field of serverMetadata) delete object.metadata[field];
  for (const name of annotations) delete object.metadata.annotations?.[name];
  if (Object.keys(object.metadata.annotations ?? {}).length === 0) delete object.metadata.annotations;
  // An update does not touch what the controllers have written.
  if (request.method !== 'POST' && ['Deployment', 'Pod'].includes(object.kind)) delete object.status;
  if (object.kind === 'Service') maskAllocations(object, request.body);
  if (object.kind === 'Pod') maskPod(object);
  return object;
}

interface ServiceSpec {
  clusterIP?: string;
  clusterIPs?: string[];
  healthCheckNodePort?: number;
  ports?: { nodePort?: number }[];
}

/** Addresses and ports the request did not ask for are any. */
function maskAllocations(object: KubeObject, asked: string): void {
  const spec = (object.spec ?? {}) as ServiceSpec;
  if (spec.clusterIP !== undefined && !asked.includes(spec.clusterIP) && spec.clusterIP !== 'None') {
    spec.clusterIP = 'any';
    spec.clusterIPs = ['any'];
  }
  for (const port of spec.ports ?? []) {
    if (port.nodePort !== undefined && !asked.includes(String(port.nodePort))) port.nodePort = -1;
  }
  if (spec.healthCheckNodePort !== undefined) spec.healthCheckNodePort = -1;
}

function maskPod(object: KubeObject): void {
  const spec = (object.spec ?? {}) as Record<string, unknown>;
  for (const field of admittedPodFields) delete spec[field];
  const text = JSON.stringify(spec)
    .replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access')
    // The recording server is built from a fork that adds this source.
    .replace(
      ',{"configMap":{"name":"openshift-service-ca.crt","items":[{"key":"service-ca.crt","path":"service-ca.crt"}]}}',
      '',
    );
  object.spec = JSON.parse(text);
}
