import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine, ensureImages } from '../../../lab/engine/index.ts';
import { LUA_MODULES } from '../../../lab/network/ingress/lua/index.ts';
import { complaint, fakeCertificate } from '../../../lab/network/ingress/nginx/index.ts';
import { renderConf } from '../../../lab/network/ingress/render/index.ts';
import { findRefused } from '../../../lab/network/ingress/sync/refused.ts';
import { allAt, PLACES, SECRETS } from '../../../lab/network/ingress/testing/attacks.fixture.ts';
import { modelOf, RENDER } from '../../../lab/network/ingress/testing/cluster.fixture.ts';

/*
 * What render/injection.test.ts proves of the text, judged by nginx itself: with all attempts in one place at once it takes the
 * configuration, apart from expressions that PCRE does not compile. Needs Docker; the container has no network.
 */
const NAME = 'hoplab-netns-ingress-injection';
const CONF = '/etc/nginx/attempt.conf';

async function inContainer(command: string, input: string): Promise<{ code: number | null; stderr: string }> {
  const child: ChildProcess = spawn('docker', ['exec', '-i', NAME, 'sh', '-c', command], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.end(input);
  const [code] = await once(child, 'close');
  return { code: code as number | null, stderr };
}

beforeAll(async () => {
  const images = await ensureImages(await connectEngine(() => {}), ['ingress-nginx-os']);
  execFileSync('docker', ['rm', '-f', NAME], { stdio: 'ignore' });
  const image = images['ingress-nginx-os'].tag;
  execFileSync('docker', ['run', '-d', '--name', NAME, '--network', 'none', image, 'sleep', 'infinity']);
  const { lua, ssl } = RENDER.paths;
  for (const [name, text] of Object.entries(LUA_MODULES)) {
    await inContainer(`mkdir -p ${lua} && cat > ${lua}/${name}`, text);
  }
  await inContainer(`mkdir -p ${ssl} && cat > ${ssl}/default-fake-certificate.pem`, await fakeCertificate());
});

afterAll(() => {
  execFileSync('docker', ['rm', '-f', NAME], { stdio: 'ignore' });
});

test.each(Object.entries(PLACES))(
  'nginx takes what is left of attempts in the place of: %s',
  async (_, place) => {
    const refused = await findRefused(allAt(place), async (part) => {
      const { text } = renderConf(modelOf(part, { secrets: SECRETS }), RENDER);
      const { code, stderr } = await inContainer(`cat > ${CONF} && nginx -t -q -c ${CONF}`, text);
      return code === 0 ? undefined : complaint(stderr, CONF);
    });
    expect([...refused.values()].filter((said) => !said.startsWith('pcre2_compile() failed'))).toEqual([]);
  },
);
