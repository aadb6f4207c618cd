import { expect, it } from 'vitest';
import { typedIn } from './run.js';

it('takes relative paths from where npm was called, but not in programs that npm did not start itself', () => {
  const here = process.cwd();
  const called = { INIT_CWD: '/tmp', npm_lifecycle_event: 'lab' };
  expect(typedIn(called, here, here)).toBe('/tmp');
  expect(typedIn(called, '/elsewhere', here)).toBe('/elsewhere');
  expect(typedIn({ ...called, npm_lifecycle_event: 'test' }, here, here)).toBe(here);
  expect(typedIn({ ...called, INIT_CWD: '/nonexistent/folder' }, here, here)).toBe(here);
  expect(typedIn({}, here, here)).toBe(here);
});
