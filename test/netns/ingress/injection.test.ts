import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine, ensureImages } from '../../../lab/engine/index.ts';
import { LUA_MODULES } from '../../../lab/network/ingress/lua/index.ts';
import { complaint, fakeCertificate } from '../../../lab/network/ingress/nginx/index.ts';
import { renderConf } from '../../../lab/network/ingress/render/index.ts';
import { findRefused } from '../../../lab/network/ingress/sync/refused.ts';
import { allAt, PLACES, SECRETS } from '../../../lab/network/ingress/testing/attacks.fixture.ts';
import { modelOf, RENDER } from '../../../lab/network/ingress/testing/cluster.fixture.ts';
import { Container, type Inside } from './container.ts';

/*
 * What render/injection.test.ts proves of the text, judged by nginx itself: with all attempts in one place at once it takes the
 * configuration, apart from expressions that PCRE does not compile. Needs Docker; the container has no network.
 */
const CONF = '/etc/nginx/attempt.conf';
const folder = mkdtempSync(join(tmpdir(), 'hoplab-netns-injection-'));
let container: Container | undefined;
let inside: Inside;

const write = (path: string, text: string) => inside.command('write', { path, text });

beforeAll(async () => {
  const images = await ensureImages(await connectEngine(() => {}), ['ingress-nginx-os']);
  container = await Container.start('hoplab-netns-injection', images['ingress-nginx-os'].tag, folder);
  inside = container.inside();
  const { lua, ssl } = RENDER.paths;
  for (const [name, text] of Object.entries(LUA_MODULES)) await write(join(lua, name), text);
  await write(join(ssl, 'default-fake-certificate.pem'), await fakeCertificate());
});

afterAll(async () => {
  inside?.end();
  await container?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function complaintAbout(text: string): Promise<string | undefined> {
  await write(CONF, text);
  const argv = ['nginx', '-t', '-q', '-c', CONF];
  const { code, stderr } = await inside.command<{ code: number | null; stderr: string }>('run', { argv });
  return code === 0 ? undefined : complaint(stderr, CONF);
}

test('nginx refuses what would be an attempt that got through', async () => {
  const { text } = renderConf(modelOf([]), RENDER);
  expect(await complaintAbout(text)).toBeUndefined();
  expect(await complaintAbout(text.replace('server_tokens off;', 'pwned on;'))).toBe(
    'unknown directive "pwned"',
  );
});

test.each(Object.entries(PLACES))(
  'nginx takes what is left of attempts in the place of: %s',
  async (_, place) => {
    const refused = await findRefused(allAt(place), (part) =>
      complaintAbout(renderConf(modelOf(part, { secrets: SECRETS }), RENDER).text),
    );
    expect([...refused.values()].filter((said) => !said.startsWith('pcre2_compile() failed'))).toEqual([]);
  },
);
