import { hash } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** 16 characters of 5 bits: 80 bits, so that prefix and hash stay below the 28 characters of a chain's name. */
const LENGTH = 16;

/**
 * What stands behind the prefix of kube-proxy's per-service chains: the first characters of base32(sha256(text)).
 * pkg/proxy/iptables/proxier.go, `portProtoHash` and `servicePortEndpointChainName`.
 */
export function chainHash(text: string): string {
  const digest = hash('sha256', text, 'binary');
  let out = '';
  for (let index = 0; index < LENGTH; index++) {
    const bit = index * 5;
    const byte = bit >> 3;
    const pair = (digest.charCodeAt(byte) << 8) | digest.charCodeAt(byte + 1);
    out += ALPHABET[(pair >> (11 - (bit & 7))) & 31];
  }
  return out;
}

/**
 * The name of a service port in chain names, comments and logs: `namespace/name`, and `:port` where the port has a name
 * (Kubernetes 1.19 and later; older ones always had the colon).
 */
export function servicePortName(namespace: string, service: string, portName: string): string {
  return portName === '' ? `${namespace}/${service}` : `${namespace}/${service}:${portName}`;
}

/** The hash that the SVC, SVL, FW, XLB and EXT chains of one service port share. */
export function servicePortHash(name: string, protocol: string): string {
  return chainHash(name + protocol);
}

/** The chain of one endpoint of a service port; `endpoint` is `ip:port`. */
export function endpointChainName(name: string, protocol: string, endpoint: string): string {
  return `KUBE-SEP-${chainHash(name + protocol + endpoint)}`;
}

const SERVICE_CHAIN = /^KUBE-(SVC|SVL|SEP|FW|XLB|EXT)-/;

/** A chain that belongs to one service, in any layout; such a chain is deleted when its service is gone. */
export function isServiceChain(chain: string): boolean {
  return SERVICE_CHAIN.test(chain);
}
