import { chromium, type Page } from 'playwright-core';
import type { Action, Visit } from './arguments.ts';
import { Recorder } from './recorder.ts';
import { requestTable } from './requests.ts';

/** Milliseconds for a page to load, an element to come, a text to be seen. */
const PATIENCE_MS = 15_000;
const CHROMIUM = '/usr/bin/chromium';
/** Nothing of its own accord: the lab has no way out, and what it would ask for is no part of the story. */
const ARGUMENTS = [
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
];

/** What a visit has to show. */
export interface Seen {
  readonly text: string;
  /** What did not come about; undefined when everything was done. */
  readonly problem?: string;
}

/**
 * Opens pages in chromium and does what a person would do there.
 *
 * @param folder for screenshots
 */
export async function visit({ actions, insecure, resolve }: Visit, folder: string): Promise<Seen> {
  const rules = [...resolve].map(([host, address]) => `MAP ${host} ${address}`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // Its sandbox needs rights that no container of the lab has.
    chromiumSandbox: false,
    args: [...ARGUMENTS, ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(',')}`] : [])],
  });
  try {
    const page = await browser.newPage({
      ignoreHTTPSErrors: insecure,
      viewport: { width: 1024, height: 640 },
    });
    page.setDefaultTimeout(PATIENCE_MS);
    const recorder = new Recorder(page);
    const problem = await act(page, recorder, actions, folder);
    const [first] = actions;
    const table = requestTable(await recorder.requests(), first?.kind === 'open' ? first.url : page.url());
    const title = await page.title().catch(() => '');
    const text = `${title || '(no title)'}: ${page.url()}\n\n${table}\n`;
    return problem === undefined ? { text } : { text, problem };
  } finally {
    await browser.close();
  }
}

async function act(
  page: Page,
  recorder: Recorder,
  actions: readonly Action[],
  folder: string,
): Promise<string | undefined> {
  for (const action of actions) {
    try {
      await perform(page, recorder, action, folder);
    } catch (error) {
      return problemOf(page, action, error);
    }
  }
  return undefined;
}

async function perform(page: Page, recorder: Recorder, action: Action, folder: string): Promise<void> {
  switch (action.kind) {
    case 'open':
      await page.goto(action.url, { waitUntil: 'load' });
      break;
    case 'type':
      await page.locator(`[name=${JSON.stringify(action.field)}]`).pressSequentially(action.text);
      break;
    case 'click': {
      const named = { name: action.name, exact: true };
      await page.getByRole('button', named).or(page.getByRole('link', named)).first().click();
      break;
    }
    case 'see':
      await page.getByText(action.text).first().waitFor({ state: 'visible' });
      break;
    case 'screenshot':
      await page.screenshot({ path: `${folder}/${action.file}` });
  }
  await page.waitForLoadState('load');
  await recorder.idle();
}

/** The failure in one line, and what the page shows instead of a text that was waited for. */
async function problemOf(page: Page, action: Action, error: unknown): Promise<string> {
  const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  if (action.kind !== 'see') return `${action.kind}: ${why}`;
  const shown = await page
    .locator('body')
    .innerText()
    .catch(() => '');
  return `the page does not show "${action.text}"; it shows:\n${shown.trim().slice(0, 1000)}`;
}
