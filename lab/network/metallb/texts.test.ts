import { describe, expect, it } from 'vitest';
import { parseLine } from './arp/index.ts';
import { goKitLog } from './log.ts';
import { formatMetrics } from './metrics.ts';
import { Counters } from './speaker/counters.ts';

describe('logs', () => {
  const entry = {
    interface: 'ens192',
    ip: '10.1.110.105',
    msg: 'got ARP request for service IP, sending response',
  };
  it('have the shape of Figure 61', () => {
    const lines: string[] = [];
    goKitLog('0.10', (line) => lines.push(line)).debug('arp.go:102', entry);
    expect(lines[0]).toMatch(
      /^\{"caller":"arp\.go:102","interface":"ens192","ip":"10\.1\.110\.105","msg":"got ARP request for service IP, sending response","ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"\}\n$/,
    );
  });
  it('have a level in later releases', () => {
    const lines: string[] = [];
    goKitLog('0.13', (line) => lines.push(line)).error('arp.go:110', { error: new Error('no') });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', error: 'no' });
  });
});

describe('lines of arp-responder', () => {
  it.each<[string, unknown]>([
    ['ready', { kind: 'ready' }],
    [
      'interface ens192 up 00:50:56:93:1c:47',
      { kind: 'interface', name: 'ens192', up: true, mac: '00:50:56:93:1c:47' },
    ],
    ['free 10.1.110.105 1234', { kind: 'free', ip: '10.1.110.105', at: 1234 }],
    ['bad garbage in', { kind: 'bad', text: 'garbage in' }],
    ['something else', undefined],
  ])('%s', (line, expected) => expect(parseLine(line)).toEqual(expected));
});

it("metrics have MetalLB's names and the text format", () => {
  const counters = new Counters();
  counters.request('10.1.110.105', true);
  counters.request('10.1.110.105', false);
  counters.gratuitous('10.1.110.105', 2);
  const text = formatMetrics(counters.metrics('worker2', [['default/"x"', '10.1.110.105']]));
  expect(text).toContain('metallb_layer2_requests_received{ip="10.1.110.105"} 2\n');
  expect(text).toContain('metallb_layer2_responses_sent{ip="10.1.110.105"} 1\n');
  expect(text).toContain('metallb_layer2_gratuitous_sent{ip="10.1.110.105"} 2\n');
  expect(text).toContain(
    'metallb_speaker_announced{ip="10.1.110.105",node="worker2",protocol="layer2",service="default/\\"x\\""} 1\n',
  );
});
