import { expect, it } from 'vitest';
import { applyArguments, unchangeable } from './addons.ts';

it('prunes only what carries the label, and only the kinds that addons are of', () => {
  const argv = applyArguments('/etc/kubernetes/addons', true);
  expect(argv).toContain('--prune');
  expect(argv[argv.indexOf('-l') + 1]).toBe('addonmanager.kubernetes.io/mode=Reconcile');
  expect(argv.filter((word) => word.startsWith('--prune-allowlist'))).toContain(
    '--prune-allowlist=core/v1/Pod',
  );
});

it('looks for nothing to prune where there has been nothing', () => {
  const argv = applyArguments('/etc/kubernetes/addons', false);
  expect(argv.filter((word) => word.startsWith('--prune'))).toEqual([]);
  // What has no label is nobody's to remove later.
  expect(argv[argv.indexOf('-l') + 1]).toBe('addonmanager.kubernetes.io/mode=Reconcile');
});

it('knows a pod that has to be replaced', () => {
  const stderr =
    'for: "/etc/kubernetes/addons/a.yaml": Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than';
  expect(unchangeable(stderr, ['a.yaml', 'b.yaml'])).toEqual(['a.yaml']);
  expect(unchangeable('connection refused', ['a.yaml'])).toEqual([]);
});
