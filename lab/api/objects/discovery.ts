import type { ObjectReference } from './core.ts';
import type { ApiObject } from './meta.ts';

export interface SliceEndpoint {
  addresses: string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  hostname?: string;
  targetRef?: ObjectReference;
  nodeName?: string;
  zone?: string;
  hints?: { forZones?: { name: string }[] };
}

export interface SlicePort {
  name?: string;
  protocol?: string;
  port?: number | null;
  appProtocol?: string;
}

export interface EndpointSlice extends ApiObject {
  addressType: string;
  endpoints?: SliceEndpoint[] | null;
  ports?: SlicePort[] | null;
}
