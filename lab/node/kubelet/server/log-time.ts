/**
 * A time of a container's log as `kubectl logs --timestamps` shows it. The log has RFC 3339 with any number of decimals
 * and, from conmon, UTC as `+00:00`; the kubelet prints nine decimals and `Z` (pkg/kubelet/kuberuntime/logs, timeFormatOut).
 */
export function logTime(time: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time);
  if (match === null) return time;
  const [, seconds, decimals = '', zone = ''] = match;
  return `${seconds}.${decimals.padEnd(9, '0')}${/^[+-]00:00$/.test(zone) ? 'Z' : zone}`;
}
