export {
  type ActiveState,
  calculate,
  convertPolicy,
  type Endpoint,
  type NetworkPolicy,
} from './calc/index.ts';
export { Felix, type FelixOptions, startFelix } from './felix.ts';
export { tableRenderer } from './rules/index.ts';
export { applyTunnel } from './tunnel.ts';
