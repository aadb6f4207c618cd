import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

const PAGE = 'http://10.1.110.105/';

describe('readArguments', () => {
  it('keeps what is to be done in its order', () => {
    const words = [
      '--type',
      'input=a=b',
      '--click',
      'Submit',
      '--see',
      'a=b',
      '--screenshot',
      'page',
      '--open',
      PAGE,
    ];
    expect(readArguments([PAGE, ...words]).actions).toEqual([
      { kind: 'open', url: PAGE },
      { kind: 'type', field: 'input', text: 'a=b' },
      { kind: 'click', name: 'Submit' },
      { kind: 'see', text: 'a=b' },
      { kind: 'screenshot', file: 'page.png' },
      { kind: 'open', url: PAGE },
    ]);
  });

  it('takes the options of the browser wherever they stand', () => {
    const visit = readArguments([
      '--resolve',
      'shop.example=10.1.110.105',
      'https://shop.example/',
      '--insecure',
    ]);
    expect(visit.insecure).toBe(true);
    expect([...visit.resolve]).toEqual([['shop.example', '10.1.110.105']]);
  });

  it.each<[string, string[]]>([
    ['the first thing to do is to open a URL', []],
    ['the first thing to do is to open a URL', ['--see', 'a', PAGE]],
    ['"file:///etc/passwd" is no http or https URL', ['file:///etc/passwd']],
    ['"http://" is no http or https URL', ['http://']],
    ['--see wants a value', [PAGE, '--see']],
    ['--type wants NAME=VALUE, not "hello"', [PAGE, '--type', 'hello']],
    ['"../page" is no file name', [PAGE, '--screenshot', '../page']],
    ['there is no option --frob', [PAGE, '--frob']],
  ])('says: %s', (message, argv) => {
    expect(() => readArguments(argv)).toThrow(message);
  });
});
