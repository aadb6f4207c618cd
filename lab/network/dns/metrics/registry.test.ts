import { expect, test } from 'vitest';
import { Registry } from './registry.ts';

test("Prometheus's text format", () => {
  const registry = new Registry();
  const requests = registry.counter('requests_total', 'Requests.');
  registry.counter('never_total', 'Not measured.');
  requests({ zone: '.', text: 'a "b"\\\n' });
  requests({ zone: '.', text: 'a "b"\\\n' }, 2);
  registry.gauge('size', 'Size.')({}, 7);
  const seconds = registry.histogram('seconds', 'Time.', [0.1, 1]);
  for (const value of [0.1, 0.5, 5]) seconds({ zone: '.' }, value);
  registry.read('bytes', 'Bytes.', () => 9);
  expect(registry.text()).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{zone=".",text="a \\"b\\"\\\\\\n"} 3
# HELP size Size.
# TYPE size gauge
size 7
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{zone=".",le="0.1"} 1
seconds_bucket{zone=".",le="1"} 2
seconds_bucket{zone=".",le="+Inf"} 3
seconds_sum{zone="."} 5.6
seconds_count{zone="."} 3
# HELP bytes Bytes.
# TYPE bytes gauge
bytes 9
`);
});
