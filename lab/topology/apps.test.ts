import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { APPS } from './apps.ts';
import { parseTopology } from './parse.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const withApps = (text: string) =>
  parseTopology(`${readFileSync(path('topologies/small.yaml'), 'utf8')}\napps: ${text}\n`, 'x.yaml');

it('offers every application there is', () => {
  expect([...APPS].sort()).toEqual(readdirSync(path('apps')).sort());
});

it('takes each application once', () => {
  expect(withApps('[whoami, guestbook, whoami]')).toMatchObject({
    problems: [],
    topology: { apps: ['whoami', 'guestbook'] },
  });
  expect(withApps('')).toMatchObject({ problems: [] });
});

it('names the choices for one that is none', () => {
  const [problem] = withApps('[gestbook]').problems;
  expect(problem).toMatchObject({ path: 'apps[0]' });
  expect(JSON.stringify(problem)).toContain('guestbook');
});
