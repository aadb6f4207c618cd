import { describe, expect, it } from 'vitest';
import { checkNode, samePackages } from './dependencies.js';
import { parseOsRelease } from './system.js';

const lock = (packages: Record<string, unknown>) => JSON.stringify({ lockfileVersion: 3, packages });

describe('samePackages', () => {
  const wanted = lock({
    '': { name: 'hoplab' },
    'node_modules/a': { integrity: 'sha512-1' },
    'node_modules/b-darwin': { integrity: 'sha512-2', optional: true },
  });

  it('ignores the root entry and packages for other platforms', () => {
    expect(samePackages(wanted, lock({ 'node_modules/a': { integrity: 'sha512-1' } }))).toBe(true);
  });
  it.each([
    ['missing', lock({})],
    ['of another version', lock({ 'node_modules/a': { integrity: 'sha512-9' } })],
    ['unknown, because the note is cut short', '{"packages": {'],
  ])('is false when a package is %s', (_case, installed) => {
    expect(samePackages(wanted, installed)).toBe(false);
  });
});

describe('checkNode', () => {
  it('accepts 20 and later', () => {
    expect(() => checkNode('20.0.0')).not.toThrow();
    expect(() => checkNode('26.1.0')).not.toThrow();
  });
  it('refuses 18 and says what to do', () => {
    expect(() => checkNode('18.20.4')).toThrow('Node.js 18.20.4 is too old: the lab needs 20 or later');
  });
});

describe('parseOsRelease', () => {
  it('reads quoted and bare values', () => {
    expect(parseOsRelease('PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\n')).toEqual({
      id: 'ubuntu',
      like: ['debian'],
      name: 'Ubuntu 24.04.1 LTS',
    });
    expect(parseOsRelease('ID=\'rocky\'\nID_LIKE="rhel centos fedora"\n')).toEqual({
      id: 'rocky',
      like: ['rhel', 'centos', 'fedora'],
      name: 'rocky',
    });
  });
});
