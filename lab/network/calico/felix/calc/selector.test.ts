import { describe, expect, it } from 'vitest';
import { ipSetName } from '../rules/index.ts';
import { ALL, peerSelector, podSelector, selectorId, selectorText, uniqueId } from './selector.ts';

describe('names of ip sets', () => {
  // Upstream's own tests and the dumps of real clusters.
  it.each([
    ['default', { matchLabels: { 'networking/allow-db-access': 'true' } }, 'cali40s:LrVD8vMIGQDyv8Y7sPFB1Ge'],
    ['demo', { matchLabels: { app: 'client' } }, 'cali40s:N7qB4dD1ts0--qbzE-HjtMk'],
    ['alpha', { matchLabels: { run: 'access' } }, 'cali40s:XZEFRy4u2E2Kz28IwtNm0u8'],
    ['default', { matchLabels: { app: 'wordpress' } }, 'cali40s:eSXpRyuGmCNy0Uxyf1gQp0D'],
  ])('pods of %s with %j', (namespace, pods, name) => {
    expect(ipSetName(selectorId(peerSelector(pods, undefined, namespace)))).toBe(name);
  });

  it('namespaces', () => {
    expect(ipSetName(selectorId(peerSelector(undefined, {}, 'x')))).toBe('cali40s:Vbl4aLpsO8Ss0UCzvsdmKAp');
    const named = peerSelector(undefined, { matchLabels: { 'projectcalico.org/name': 'y' } }, 'x');
    expect(ipSetName(selectorId(named))).toBe('cali40s:FEkpOmKcx26GiwIh_EB4D2Z');
  });

  it('everything, and its named port', () => {
    expect(selectorId(ALL)).toBe('s:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug');
    expect(ipSetName(uniqueId('n', `${selectorId(ALL)},tcp,http`))).toBe('cali40n:cl9_Kgeu4H0OGLbhovVR3NB');
  });
});

it('writes every kind of condition canonically', () => {
  const selector = podSelector({
    matchLabels: { b: 'x', a: 'it"s' },
    matchExpressions: [
      { key: 'e', operator: 'In', values: ['z', 'y', 'z'] },
      { key: 'f', operator: 'NotIn', values: ['w'] },
      { key: 'g', operator: 'Exists' },
      { key: 'h', operator: 'DoesNotExist' },
    ],
  });
  expect(selectorText(selector)).toBe(
    `(projectcalico.org/orchestrator == "k8s" && a == 'it"s' && b == "x" && e in {"y", "z"} && f not in {"w"} && has(g) && !has(h))`,
  );
});

it('refuses an operator that Kubernetes does not have', () => {
  expect(() => podSelector({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] })).toThrow(
    '"Gt" is not a valid label selector operator',
  );
});
