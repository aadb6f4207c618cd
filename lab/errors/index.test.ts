import { expect, it } from 'vitest';
import { EXIT, HoplabError } from './index.ts';

it('keeps everything of an error that gets more detail', () => {
  const cause = new Error('why');
  const error = new HoplabError({
    code: 'E_X',
    message: 'it broke',
    exitCode: EXIT.timeout,
    next: 'mend it',
    cause,
  });
  const more = error.withDetail('first', undefined, 'second').withDetail('third');
  expect(more.render()).toBe('error: it broke [E_X]\n  first\n  second\n  third\nnext: mend it');
  expect(more).toMatchObject({ exitCode: EXIT.timeout, cause });
});
