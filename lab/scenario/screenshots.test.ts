import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScenarioSpec, scenario } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { contains } from './match.ts';
import { workbook, workbookPage } from './reporters/workbook.ts';
import { runScenarios } from './runner.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hoplab-screenshots-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const PICTURE = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);

async function run(lab: FakeLab, spec: Partial<ScenarioSpec>, book?: string) {
  const story: ScenarioSpec['story'] = async (s) => {
    await s.step('a visit', { on: 'browser', run: 'browse http://a/', see: contains('Guestbook') });
  };
  const definition = scenario({ title: 'A title', chapter: 'ingress', browser: 'client', story, ...spec });
  const info = { id: 'ingress/one', name: 'one', file: join(dir, 'one.ts'), definition };
  const reporters = book === undefined ? [] : [workbook(book)];
  const options = { outputDir: join(dir, 'out'), reporters };
  const [result] = await runScenarios([{ ...definition, ...info }], lab, options);
  if (!result) throw new Error('no result');
  return result;
}

const withPicture = (answer: string): FakeLab => {
  const lab = new FakeLab({ 'browse http://a/': answer });
  lab.screenshots = new Map([['figure-37.png', PICTURE]]);
  return lab;
};

describe("a story's browser", () => {
  it('is there before the story and gone after it, and its screenshots are kept', async () => {
    const lab = withPicture('Guestbook');
    const result = await run(lab, {});
    expect(result.status).toBe('passed');
    expect(lab.done).toEqual(['startBrowser client', 'exec browser: browse http://a/', 'stopBrowser']);
    const file = join(dir, 'out/fake/ingress/one/figure-37.png');
    expect(result.screenshots).toEqual([file]);
    expect(new Uint8Array(await readFile(file))).toEqual(PICTURE);
  });

  it('is ended after a failure, too, with what it has seen', async () => {
    const lab = withPicture('404');
    const result = await run(lab, {});
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'E_STEP' } });
    expect(result.screenshots).toHaveLength(1);
    expect(lab.done.at(-1)).toBe('stopBrowser');
  });

  it('fails the scenario when it cannot be ended', async () => {
    const lab = withPicture('Guestbook');
    lab.stopBrowser = () => Promise.reject(new Error('the engine is away'));
    expect(await run(lab, {})).toMatchObject({
      status: 'failed',
      failure: { message: 'the engine is away' },
    });
  });

  it('is not started for a story that has none', async () => {
    const lab = withPicture('Guestbook');
    const definition = scenario({
      title: 'A title',
      chapter: 'ingress',
      story: async (s) => void (await s.act('something', { on: 'client', run: 'true' })),
    });
    const info = { id: 'ingress/two', name: 'two', file: join(dir, 'two.ts'), definition };
    const [result] = await runScenarios([{ ...definition, ...info }], lab, { outputDir: join(dir, 'out') });
    expect(result?.status).toBe('passed');
    expect(lab.done).toEqual(['exec client: true']);
  });

  it("is seen in the workbook, whose pictures are the workbook's own", async () => {
    const book = join(dir, 'book');
    const result = await run(withPicture('Guestbook'), {}, book);
    expect(workbookPage(result, new Map())).toContain('![figure-37](one/figure-37.png)');
    expect(new Uint8Array(await readFile(join(book, 'ingress/one/figure-37.png')))).toEqual(PICTURE);
  });
});
