import { describe, expect, it } from 'vitest';
import { contentHash, type ImageContent } from './content-hash.ts';

const content: ImageContent = {
  dockerfile: 'FROM x\n',
  files: [
    { path: 'a', content: 'one', mode: 0o755 },
    { path: 'b', content: 'two' },
  ],
  arguments: { PARENT: 'hoplab/base:1', OTHER: 'y' },
};
const same = contentHash(content);

describe('contentHash', () => {
  it('is 12 hex digits', () => expect(same).toMatch(/^[0-9a-f]{12}$/));

  it('does not depend on the order of files and arguments, nor on how content is given', () => {
    expect(
      contentHash({
        ...content,
        files: [{ path: 'b', content: Buffer.from('two'), mode: 0o644 }, content.files[0] as never],
        arguments: { OTHER: 'y', PARENT: 'hoplab/base:1' },
      }),
    ).toBe(same);
  });

  it.each<[string, Partial<ImageContent>]>([
    ['the Dockerfile', { dockerfile: 'FROM y\n' }],
    ['the parent', { arguments: { ...content.arguments, PARENT: 'hoplab/base:2' } }],
    ['a name', { files: [{ path: 'c', content: 'one', mode: 0o755 }, content.files[1] as never] }],
    ['a byte', { files: [{ path: 'a', content: 'onE', mode: 0o755 }, content.files[1] as never] }],
    ['a mode', { files: [{ path: 'a', content: 'one' }, content.files[1] as never] }],
    [
      'where one file ends and the next begins',
      {
        files: [
          { path: 'a', content: 'onet', mode: 0o755 },
          { path: 'b', content: 'wo' },
        ],
      },
    ],
  ])('changes with %s', (_what, change) => {
    expect(contentHash({ ...content, ...change })).not.toBe(same);
  });
});
