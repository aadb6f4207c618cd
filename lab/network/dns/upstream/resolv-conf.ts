import { isIP } from 'node:net';

/** A name server to ask. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
}

/** glibc reads no more (resolv.conf(5)). CoreDNS reads up to 15; pods never have more than three. */
const MAX_SERVERS = 15;

/** The `nameserver` lines of a resolv.conf(5); others, and addresses that are none, are passed over. */
export function nameservers(text: string): Upstream[] {
  return text
    .split('\n')
    .flatMap((line) => {
      const [key, address = ''] = line
        .replace(/[#;].*/, '')
        .trim()
        .split(/\s+/);
      return key === 'nameserver' && isIP(address.replace(/%.*/, '')) !== 0 ? [{ address, port: 53 }] : [];
    })
    .slice(0, MAX_SERVERS);
}

/** An address as `forward` names it: `10.1.0.53`, `10.1.0.53:5353`, `::1`, `[::1]:53`, each also behind `dns://`. */
export function upstreamOf(text: string): Upstream {
  const host = text.replace(/^dns:\/\//, '');
  if (isIP(host) !== 0) return { address: host, port: 53 };
  const [, bracketed, plain, port = '53'] = /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(host) ?? [];
  return { address: bracketed ?? plain ?? host, port: Number(port) };
}
