/** A line of `birdc show protocols`. */
export interface BirdProtocol {
  readonly name: string;
  readonly proto: string;
  readonly state: string;
  readonly since: string;
  /** `Established` for a BGP session that is up; else what it is doing or why it failed. */
  readonly info: string;
}

/** Reads the table that `birdc show protocols` prints. */
export function parseProtocols(output: string): BirdProtocol[] {
  const protocols: BirdProtocol[] = [];
  for (const line of output.split('\n')) {
    const match = /^(\S+)\s+(\S+)\s+\S+\s+(up|down|start|stop|flush)\s+(\S+)\s*(.*)$/.exec(line);
    if (!match) continue;
    const [, name = '', proto = '', state = '', since = '', info = ''] = match;
    protocols.push({ name, proto, state, since, info: info.trim() });
  }
  return protocols;
}

/** The mesh sessions among them, with the peer's address as the name carries it. */
export function meshSessions(protocols: readonly BirdProtocol[]): (BirdProtocol & { peer: string })[] {
  return protocols
    .filter((protocol) => protocol.proto === 'BGP' && protocol.name.startsWith('Mesh_'))
    .map((protocol) => ({ ...protocol, peer: protocol.name.slice('Mesh_'.length).replaceAll('_', '.') }));
}

/** True for a line of BIRD's log that says that a session may have changed. */
export function isSessionEvent(line: string): boolean {
  return /\b(Mesh_\w+|Global_\w+|Node_\w+): (State changed|BGP session|Error|Received|Neighbor)/.test(line);
}
