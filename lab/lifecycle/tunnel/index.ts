export { startSocat } from './socat.ts';
export { openTunnel, type Tunnel } from './tunnel.ts';
