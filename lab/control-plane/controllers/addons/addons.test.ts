import { expect, it } from 'vitest';
import { applyArguments, unchangeable } from './addons.ts';

it('prunes only what carries the label, and only the kinds that addons are of', () => {
  const argv = applyArguments('/etc/kubernetes/addons');
  expect(argv).toContain('--prune');
  expect(argv[argv.indexOf('-l') + 1]).toBe('addonmanager.kubernetes.io/mode=Reconcile');
  expect(argv.filter((word) => word.startsWith('--prune-allowlist'))).toContain(
    '--prune-allowlist=core/v1/Pod',
  );
});

it('knows a pod that has to be replaced', () => {
  const stderr =
    'for: "/etc/kubernetes/addons/a.yaml": Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than';
  expect(unchangeable(stderr, ['a.yaml', 'b.yaml'])).toEqual(['a.yaml']);
  expect(unchangeable('connection refused', ['a.yaml'])).toEqual([]);
});
