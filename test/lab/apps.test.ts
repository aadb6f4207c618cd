import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REPOSITORY } from '../../lab/engine/index.ts';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { SMALL } from '../support/topologies.ts';

const on = ['-n', 'small'];
const kubectl = async (...argv: string[]) => (await hoplabOk([...on, 'kubectl', ...argv])).stdout;
const worker = async (...argv: string[]) => (await hoplabOk(['exec', ...on, 'worker', '--', ...argv])).stdout;
const json = async (...argv: string[]) => JSON.parse(await kubectl('get', ...argv, '-o', 'json'));

/** The cluster address of a service. */
const service = async (name: string): Promise<string> => (await json('service', name)).spec.clusterIP;
const podAddresses = async (selector: string): Promise<string[]> =>
  (await json('pods', '-l', selector)).items.map((pod: { status: { podIP: string } }) => pod.status.podIP);

async function apply(app: string, ...deployments: string[]): Promise<void> {
  await kubectl('apply', '-f', `${REPOSITORY}apps/${app}`);
  for (const name of deployments)
    await kubectl('rollout', 'status', `deployment/${name}`, '--timeout', '120s');
}

/** Status code of a page. */
const status = (url: string, ...more: string[]) =>
  worker('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...more, url);
/** What is asked again until it is right, or the deadline has come. */
const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 90_000, interval: 500 });

beforeAll(() => hoplabOk(['up', '-t', SMALL]));
afterAll(() => hoplab(['down', ...on]));

describe('guestbook', () => {
  let url: string;
  beforeAll(async () => {
    await apply('guestbook', 'redis-master', 'redis-slave', 'frontend');
    url = `http://${await service('frontend')}`;
    // The pods are ready; the rules of the service come a little later.
    await eventually(async () => expect(await status(url)).toBe('200'));
  });

  it.each(['', 'index.html', 'controllers.js', 'guestbook.css'])('serves /%s', async (path) => {
    expect(await status(`${url}/${path}`)).toBe('200');
  });

  it('stores a message by one front end, and every other shows it', async () => {
    const message = `hello-${process.pid}`;
    const set = () => worker('curl', '-s', `${url}/guestbook.php?cmd=set&key=messages&value=${message}`);
    await eventually(async () => expect(JSON.parse(await set())).toEqual({ message: 'Updated' }));
    const frontends = await podAddresses('app=guestbook,tier=frontend');
    expect(frontends).toHaveLength(3);
    for (const address of frontends) {
      await eventually(async () =>
        expect(
          JSON.parse(await worker('curl', '-s', `http://${address}/guestbook.php?cmd=get&key=messages`)),
        ).toEqual({ data: message }),
      );
    }
  });

  it('has followers that replicate from the leader', async () => {
    const [leader] = await podAddresses('role=master');
    const roles = await worker('sh', '-c', `printf 'ROLE\\r\\nQUIT\\r\\n' | socat -t5 - TCP:${leader}:6379`);
    for (const follower of await podAddresses('role=slave')) expect(roles).toContain(follower);
  });
});

describe('wordpress', () => {
  let url: string;
  beforeAll(async () => {
    await apply('wordpress', 'wordpress-db', 'wordpress-frontend');
    url = `http://${await service('wordpress-frontend')}/wordpress/`;
    await eventually(async () => expect(await status(url)).toBe('200'));
  });

  it('logs that it copies itself into its working directory, as in Figure 54', async () => {
    const log = await kubectl('logs', 'deployment/wordpress-frontend');
    expect(log).toContain('WordPress not found in /var/www/html/wordpress - copying now...');
    expect(log).toContain('Complete! WordPress has been successfully copied to /var/www/html/wordpress');
  });

  it('serves a page whose own addresses all stand under its path, and are there', async () => {
    const page = await worker('curl', '-s', url);
    const own = [...page.matchAll(/(?:src|href)=["']([^"'#]+)["']/g)].map(([, address = '']) =>
      address.replaceAll('&#038;', '&'),
    );
    const assets = own.filter((address) => /\.(js|css|png|webp|woff2)(\?|$)/.test(address));
    expect(assets.length).toBeGreaterThan(0);
    for (const address of assets) {
      expect(address.startsWith(url)).toBe(true);
      expect(await status(address)).toBe('200');
    }
  });

  it('uses the address that the reader used', async () => {
    const page = await worker(
      'curl',
      '-s',
      '-H',
      'Host: shop.example',
      '-H',
      'X-Forwarded-Proto: https',
      url,
    );
    expect(page).toContain('https://shop.example/wordpress/');
    expect(page).not.toContain(url);
  });

  it('lets the administrator of the Secret in', async () => {
    const login = await worker(
      ...['curl', '-s', '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}'],
      ...['-b', 'wordpress_test_cookie=WP%20Cookie%20check', '-d', 'log=admin&pwd=wordpress&testcookie=1'],
      `${url}wp-login.php`,
    );
    expect(login).toBe(`302 ${url}wp-admin/`);
  });

  it('keeps its content when the pod of its database is deleted', async () => {
    const sql = (text: string) =>
      kubectl(
        ...['exec', 'deployment/wordpress-db', '--', 'mariadb', '-uroot', '-pWORDPRESS_DB_PASSWORD'],
        ...['-h', '127.0.0.1', '-N', 'wordpress', '-e', text],
      );
    // An earlier try may have deleted the pod.
    await kubectl('rollout', 'status', 'deployment/wordpress-db', '--timeout', '60s');
    await sql("UPDATE wp_options SET option_value = 'Kept' WHERE option_name = 'blogname'");
    await kubectl('delete', 'pod', '-l', 'tier=wordpress-db');
    await kubectl('rollout', 'status', 'deployment/wordpress-db', '--timeout', '60s');
    await eventually(async () => expect(await worker('curl', '-s', url)).toContain('<title>Kept</title>'));
  });
});

describe('whoami', () => {
  let address: string;
  beforeAll(async () => {
    await apply('whoami', 'whoami');
    [address = ''] = await podAddresses('app=whoami');
  });
  const echo = (text: string, to: string) =>
    worker('sh', '-c', `printf '%s' '${text}' | socat -t1 - ${to}:${address}:7`);

  it('says who answered whom', async () => {
    const answer = JSON.parse(await worker('curl', '-s', '-H', 'X-Test: a', `http://${address}/api?b=c`));
    expect(answer).toMatchObject({ node: 'worker', namespace: 'default', path: '/api', query: 'b=c' });
    expect(answer.pod).toMatch(/^whoami-/);
    expect(answer.server).toEqual({ address, port: 80 });
    expect(answer.headers['x-test']).toBe('a');
  });

  it('answers with the status and size that are asked for, and late', async () => {
    const wanted = ['-w', '%{http_code} %{size_download} %{time_total}', '-o', '/dev/null'];
    const [code, size, seconds] = (
      await worker('curl', '-s', ...wanted, `http://${address}/?status=503&size=100000&delay=200`)
    ).split(' ');
    expect([code, size]).toEqual(['503', '100000']);
    expect(Number(seconds)).toBeGreaterThanOrEqual(0.2);
  });

  it('speaks TLS', async () => {
    expect(await worker('curl', '-sk', `https://${address}/`)).toMatch(/^TLS: TLSv1\.3 /m);
  });

  it.each(['TCP', 'UDP'])('echoes by %s, and says who it is', async (protocol) => {
    expect(await echo('abc', protocol)).toBe('abc');
    expect(await echo('whoami', protocol)).toMatch(/^whoami-\S+ on worker /);
  });
});

it('runs a published image that one of the lab stands in for, from a manifest on stdin', async () => {
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: { name: hello }\nspec: { terminationGracePeriodSeconds: 0, containers: [{ name: a, image: "gcr.io/google-samples/hello-app:1.0" }] }\n';
  await hoplabOk([...on, 'kubectl', 'apply', '-f', '-'], { stdin: pod });
  await kubectl('wait', '--for=condition=Ready', 'pod/hello', '--timeout=60s');
  expect((await json('pod', 'hello')).status.phase).toBe('Running');
});
