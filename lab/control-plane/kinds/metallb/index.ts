export { ipaddresspools } from './address-pool.ts';
export { l2advertisements } from './l2-advertisement.ts';
