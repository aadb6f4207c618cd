/** What `arp-responder` says; see images/node/native/README.md. */
export type ResponderLine =
  | { readonly kind: 'ready' }
  | { readonly kind: 'interface'; readonly name: string; readonly up: boolean; readonly mac: string }
  | {
      readonly kind: 'request';
      readonly sent: boolean;
      readonly interface: string;
      readonly ip: string;
      readonly senderIP: string;
      readonly senderMAC: string;
      readonly responseMAC: string;
    }
  | { readonly kind: 'announced'; readonly ip: string; readonly frames: number }
  | { readonly kind: 'conflict'; readonly interface: string; readonly ip: string; readonly mac: string }
  | { readonly kind: 'deleted' | 'expired'; readonly ip: string }
  /** `at`: CLOCK_MONOTONIC in milliseconds. */
  | { readonly kind: 'free'; readonly ip: string; readonly at: number }
  | { readonly kind: 'taken'; readonly ip: string; readonly mac: string }
  | { readonly kind: 'bad'; readonly text: string };

/** @returns undefined for a line that is not understood */
export function parseLine(line: string): ResponderLine | undefined {
  const [word, a = '', b = '', c = '', d = '', e = ''] = line.split(' ');
  switch (word) {
    case 'ready':
      return { kind: 'ready' };
    case 'interface':
      return { kind: 'interface', name: a, up: b === 'up', mac: c };
    case 'request':
    case 'unsent':
      return {
        kind: 'request',
        sent: word === 'request',
        interface: a,
        ip: b,
        senderIP: c,
        senderMAC: d,
        responseMAC: e,
      };
    case 'announced':
      return { kind: 'announced', ip: a, frames: Number(b) };
    case 'conflict':
      return { kind: 'conflict', interface: a, ip: b, mac: c };
    case 'deleted':
    case 'expired':
      return { kind: word, ip: a };
    case 'free':
      return { kind: 'free', ip: a, at: Number(b) };
    case 'taken':
      return { kind: 'taken', ip: a, mac: b };
    case 'bad':
      return { kind: 'bad', text: line.slice(4) };
    default:
      return undefined;
  }
}
