import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { connectEngine, type Engine, LABEL, listLab } from '../../lab/engine/index.ts';
import { findLab, labAccess } from '../../lab/lifecycle/index.ts';
import { BROWSER, type CommandStream, type LabAccess } from '../../lab/scenario/index.ts';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { SMALL } from '../support/topologies.ts';

const PORT = 8080;
/** A web server of one page; it says who asks. */
const PAGE = `read request
printf 'HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nConnection: close\\r\\n\\r\\n'
echo "<!DOCTYPE html><title>A page</title><link rel=icon href=data:,><p>You are $SOCAT_PEERADDR</p>"
`;
const SERVE = `exec socat -d -d TCP-LISTEN:${PORT},fork,reuseaddr EXEC:'/bin/sh /tmp/page'`;

let engine: Engine;
let access: LabAccess;
let server: CommandStream | undefined;
let url: string;

const browser = async () => {
  const { containers } = await listLab(engine, 'small');
  return containers.filter(({ labels }) => labels[LABEL.browser] !== undefined);
};
const visit = (...more: string[]) =>
  access.exec(BROWSER, ['browse', url, ...more].join(' '), { timeoutMs: 90_000 });

beforeAll(async () => {
  engine = await connectEngine();
  await hoplabOk(['up', '-t', SMALL]);
  access = labAccess(engine, await findLab(engine, 'small'));
  const { router, hosts } = access.topology;
  const near = router.interfaces.find(({ network }) => network === hosts.client?.interface.network);
  url = `http://${near?.address}:${PORT}/`;
  await access.exec('router', 'cat >/tmp/page', { stdin: PAGE });
  server = await access.stream('router', SERVE);
  for await (const line of server.lines) if (line.includes('listening on')) break;
  await access.startBrowser('client');
});
afterAll(async () => {
  await server?.stop();
  await hoplab(['down', '-n', 'small']);
});

describe('the browser of a lab', () => {
  it('is on the network of the host: the server sees the address of the client', async () => {
    const client = access.topology.hosts.client?.interface.address;
    const { code, stdout, stderr } = await visit('--see', `'You are ${client}'`, '--screenshot', 'page');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^A page: http:/);
    expect(stdout).toMatch(/^\/ +GET +200 +document +\d+B /m);
  });

  it('ends with 1 and says what the page shows when it does not show what it should', async () => {
    const { code, stderr } = await access.exec(BROWSER, `browse ${url} --click Submit`, {
      timeoutMs: 90_000,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^browse: click: /);
  });

  it('says why there is no page', async () => {
    const { code, stdout } = await access.exec(BROWSER, `browse ${url.replace(`${PORT}`, `${PORT + 1}`)}`, {
      timeoutMs: 90_000,
    });
    expect(code).toBe(1);
    expect(stdout).toContain('net::ERR_CONNECTION_REFUSED');
  });

  it('has no rights', async () => {
    const { stdout } = await access.exec(BROWSER, 'id -u; grep -E "CapEff|NoNewPrivs" /proc/self/status');
    expect(stdout.split(/\s+/)).toEqual(['1000', 'CapEff:', '0000000000000000', 'NoNewPrivs:', '1', '']);
  });

  it('knows the names that the host knows', async () => {
    const read = (target: string) => access.exec(target, 'cat /etc/hosts /etc/resolv.conf');
    expect((await read(BROWSER)).stdout).toBe((await read('client')).stdout);
  });

  it('gives its screenshots when it ends, and is gone then', async () => {
    // Another try finds a browser with a screenshot, as this one did.
    onTestFailed(async () => {
      await access.startBrowser('client');
      await visit('--screenshot', 'page');
    });
    const screenshots = await access.stopBrowser();
    expect([...screenshots.keys()]).toEqual(['page.png']);
    expect([...(screenshots.get('page.png') ?? []).slice(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(await browser()).toEqual([]);
    expect([...(await access.stopBrowser())]).toEqual([]);
  });

  it('is started anew where one is left, and removed by down', async () => {
    // Another try needs the lab that this one takes down.
    onTestFailed(async () => {
      await hoplabOk(['up', '-t', SMALL]);
      access = labAccess(engine, await findLab(engine, 'small'));
    });
    await access.startBrowser('client');
    const [first] = await browser();
    await access.startBrowser('client');
    const [second, ...others] = await browser();
    expect(others).toEqual([]);
    expect(second?.id).not.toBe(first?.id);
    await hoplabOk(['down', '-n', 'small']);
    expect(await browser()).toEqual([]);
  });
});
