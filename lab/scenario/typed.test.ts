import { describe, expect, test } from 'vitest';
import { shorten, sideBySide } from './diff.ts';
import { asOnTerminal, typedCommand } from './typed.ts';

describe('typedCommand', () => {
  test.each([
    ['worker1', 'ip route', 'hoplab exec worker1 -- ip route'],
    ['default/a', "echo 'a b' | cat", `hoplab exec default/a -- sh -c 'echo '\\''a b'\\'' | cat'`],
    [
      'worker1',
      'nsenter -t $(nodectl pid default/a) -n ip addr',
      "hoplab exec worker1 -- sh -c 'nsenter -t $(nodectl pid default/a) -n ip addr'",
    ],
    ['kubectl', 'get pods | wc -l', 'hoplab kubectl get pods | wc -l'],
    [undefined, 'hoplab node stop worker2', 'hoplab node stop worker2'],
  ])('%s: %s', (on, run, typed) => {
    expect(typedCommand(on, run)).toBe(typed);
  });
});

test('tcpdump behaves as on a terminal', () => {
  expect(asOnTerminal('tcpdump -n -i any icmp')).toBe('tcpdump -l --immediate-mode -n -i any icmp');
  expect(asOnTerminal('nsenter -t 7 -n tcpdump -n')).toBe('nsenter -t 7 -n tcpdump -l --immediate-mode -n');
  expect(asOnTerminal('ip monitor route')).toBe('ip monitor route');
});

test('sideBySide wraps long lines and pads short columns', () => {
  expect(sideBySide('a', '')).toBe('EXPECTED | OBSERVED\na        | (nothing)');
  const long = sideBySide('x'.repeat(60), 'y\nz').split('\n');
  expect(long).toEqual([
    `${'EXPECTED'.padEnd(56)} | OBSERVED`,
    `${'x'.repeat(56)} | y`,
    `${'xxxx'.padEnd(56)} | z`,
  ]);
});

test('shorten keeps both ends and says how much is missing', () => {
  const text = Array.from({ length: 10 }, (_, index) => `${index}`).join('\n');
  expect(shorten(text, 4)).toBe('0\n1\n… 7 lines …\n9');
  expect(shorten(text, 10)).toBe(text);
});
