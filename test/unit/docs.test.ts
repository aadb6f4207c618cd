import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', ...markdownIn('docs')];

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

/** Where the links of a page lead to within the repository. */
function targetsOf(page: string): string[] {
  const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g);
  return [...links]
    .map(([, link = '']) => link.replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
    .map((link) => join(dirname(page), link));
}

it.each(pages)('%s links to what is there', (page) => {
  expect(targetsOf(page).filter((target) => !existsSync(join(root, target)))).toEqual([]);
});

it('every page can be found from the README', () => {
  const found = new Set(['README.md']);
  for (const page of found)
    for (const target of targetsOf(page)) if (pages.includes(target)) found.add(target);
  expect(pages.filter((page) => !found.has(page))).toEqual([]);
});
