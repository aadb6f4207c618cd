/** A route of the host's main table. */
export interface HostRoute {
  /** CIDR; the default route is left out. */
  readonly destination: string;
  readonly device: string;
}

/** Reads /proc/net/route (proc_net_route(5)): addresses are little-endian hex. */
export function readHostRoutes(text: string): HostRoute[] {
  const routes: HostRoute[] = [];
  for (const line of text.trim().split('\n').slice(1)) {
    const [device, destination, , , , , , mask] = line.split(/\s+/);
    if (!device || !destination || !mask || mask === '00000000') continue;
    const prefix = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
    routes.push({ destination: `${address(destination)}/${prefix}`, device });
  }
  return routes;
}

function address(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}
