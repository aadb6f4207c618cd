import type { Endpoint, ServerConfig } from '../corefile/index.ts';
import type { Serving } from '../server/index.ts';
import type { ClusterWatch } from './cluster-watch.ts';

/** A server block in force. */
export type Block = Serving & { readonly config: ServerConfig };

/** A Corefile in force. */
export interface Loaded {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly cluster: ClusterWatch | undefined;
}

export const endpointsOf = ({ blocks }: Loaded): Endpoint[] => blocks.flatMap(({ config }) => config.listen);

/** Without a host where all addresses are served, as CoreDNS writes it. */
export const serverName = ({ host, port }: Endpoint) => `dns://${host === '0.0.0.0' ? '' : host}:${port}`;
