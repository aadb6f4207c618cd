import type { IntOrString } from './objects/index.ts';

/**
 * A count that is given as a number or a percentage of `total`: apimachinery's GetScaledValueFromIntOrPercent.
 *
 * @param roundUp otherwise down
 * @throws Error for a string that is no percentage
 */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  const match = /^(\d+)%$/.exec(value);
  if (!match) throw new Error(`invalid value for IntOrString: ${value} is neither a number nor a percentage`);
  const exact = (Number(match[1]) * total) / 100;
  return roundUp ? Math.ceil(exact) : Math.floor(exact);
}
