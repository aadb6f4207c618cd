/** The first packet of a connection that is forwarded between two interfaces. */
export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Interfaces; `ens192` for what comes from or goes to elsewhere. */
  readonly in: string;
  readonly out: string;
}
