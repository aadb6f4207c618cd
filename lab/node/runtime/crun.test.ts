import { expect, it } from 'vitest';
import { crunEnv, crunProgram } from './crun.ts';

it('crun is not told that its file is sealed before it is', () => {
  expect(crunProgram()).toBe('/usr/bin/crun');
  expect(crunEnv()).toEqual({});
});
