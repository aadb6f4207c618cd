import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressClashes,
  type BuiltImage,
  type ContainerSpec,
  capture,
  connectEngine,
  createContainer,
  type Engine,
  ensureImages,
  ensureInStore,
  ensureNetwork,
  ensureVolume,
  exec,
  getFiles,
  IMAGE_VOLUME,
  LABEL,
  listLab,
  listLabs,
  loadImage,
  NETWORK_FILE_PATH,
  putFiles,
  removeContainer,
  removeNetwork,
  removeVolume,
  renderNetworkFile,
  startContainer,
  stopContainer,
  stream,
  waitUntilReady,
  writeFile,
} from '../../lab/engine/index.ts';

const LAB = 'engine-test';
/** Docker's gateway in a /24: nothing of these tests has it. */
const lastAddress = (subnet: string) => subnet.replace(/0\/24$/, '254');
/** TEST-NET-2 and a benchmarking network (RFC 5737, RFC 2544): no lab and no host uses them. */
const LEFT = '198.51.100.0/24';
const RIGHT = '198.18.0.0/24';

let engine: Engine;
let images: Record<'toolbox' | 'nginx', BuiltImage>;
let left: string;
let right: string;

beforeAll(async () => {
  engine = await connectEngine();
  await removeAll();
  images = await ensureImages(engine, ['toolbox', 'nginx']);
  const network = (name: string, subnet: string) =>
    ensureNetwork(engine, { lab: LAB, name, subnet, mtu: 1400, dockerGateway: lastAddress(subnet) });
  left = (await network('left', LEFT)).dockerName;
  right = (await network('right', RIGHT)).dockerName;
});

afterAll(removeAll);

async function removeAll(): Promise<void> {
  const { containers, networks, volumes } = await listLab(engine, LAB);
  // The store is everybody's: take this test's names out of it.
  const store = containers.find(({ name, state }) => name === 'store' && state === 'running');
  if (store) await sh(store.id, 'rm -f /store/refs/*engine-test*');
  for (const { id } of containers) await removeContainer(engine, id);
  for (const { id } of networks) await removeNetwork(engine, id);
  for (const { dockerName } of volumes) await removeVolume(engine, dockerName);
}

function container(name: string, fields: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    lab: LAB,
    name,
    role: 'host',
    image: images.toolbox.tag,
    entrypoint: ['/usr/bin/tini', '--', '/usr/local/sbin/lab-init'],
    command: ['sleep', 'infinity'],
    capAdd: ['NET_ADMIN', 'SYS_ADMIN'],
    tmpfs: { '/run': 'rw' },
    networks: [],
    ...fields,
  };
}

async function run(spec: ContainerSpec): Promise<string> {
  const id = await createContainer(engine, spec);
  await startContainer(engine, id);
  return id;
}

const sh = async (id: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await capture(engine, id, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
};

describe('networks', () => {
  it('give the host neither an address nor a route', async () => {
    const { networks } = await listLab(engine, LAB);
    expect(networks.map(({ name, subnet }) => [name, subnet]).sort()).toEqual([
      ['left', LEFT],
      ['right', RIGHT],
    ]);
    const addresses = execFileSync('ip', ['-4', 'addr'], { encoding: 'utf8' });
    const routes = execFileSync('ip', ['-4', 'route', 'show', 'table', 'all'], { encoding: 'utf8' });
    expect(addresses).not.toMatch(/198\.51\.100\.|198\.18\.0\./);
    expect(routes).not.toMatch(/198\.51\.100\.|198\.18\.0\./);
  });

  it('are found again, and are not silently used with other settings', async () => {
    const spec = { lab: LAB, name: 'left', subnet: LEFT, mtu: 1400, dockerGateway: lastAddress(LEFT) };
    expect(await ensureNetwork(engine, spec)).toMatchObject({ created: false, dockerName: left });
    await expect(ensureNetwork(engine, { ...spec, mtu: 1500 })).rejects.toMatchObject({
      code: 'E_NETWORK_CHANGED',
    });
  });

  it('report a clash with another lab before anything is made', async () => {
    expect(await addressClashes(engine, LAB, [LEFT])).toEqual([]);
    expect(await addressClashes(engine, 'other', ['198.51.100.128/25'])).toEqual([
      { subnet: '198.51.100.128/25', with: LEFT, network: left, lab: LAB },
    ]);
    const made = ensureNetwork(engine, {
      lab: 'other',
      name: 'x',
      subnet: '198.51.100.128/25',
      mtu: 1500,
      dockerGateway: '198.51.100.254',
    });
    await expect(made).rejects.toMatchObject({ code: 'E_ADDRESS_CLASH' });
    expect(await listLabs(engine)).toContain(LAB);
    expect(await listLabs(engine)).not.toContain('other');
  });
});

describe('exec', () => {
  let id: string;
  beforeAll(async () => {
    id = await run(container('exec'));
  });

  it('passes exit codes, stdout and stderr', async () => {
    expect(await capture(engine, id, ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await capture(engine, id, ['true'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await capture(engine, id, ['nosuchprogram'])).code).toBeGreaterThanOrEqual(126);
  });

  it('passes stdin to its end, also when it is long', async () => {
    const long = 'x'.repeat(3_000_000);
    expect((await capture(engine, id, ['wc', '-c'], { stdin: long })).stdout.trim()).toBe('3000000');
    expect((await capture(engine, id, ['cat'], { stdin: long })).stdout).toBe(long);
    expect((await capture(engine, id, ['cat'])).stdout).toBe('');
  });

  it('sets environment, user and folder', async () => {
    const result = await capture(engine, id, ['sh', '-c', 'echo $WORD; id -u; pwd'], {
      env: { WORD: 'a b' },
      user: 'nobody',
      cwd: '/tmp',
    });
    expect(result.stdout).toBe('a b\n65534\n/tmp\n');
  });

  it('gives a terminal', async () => {
    const output = new PassThrough();
    const code = exec(engine, id, ['sh', '-c', '[ -t 1 ] && echo terminal'], {
      stdout: output,
      tty: true,
    }).finally(() => output.end());
    expect(await text(output)).toBe('terminal\r\n');
    expect(await code).toBe(0);
  });

  it('ends the command and all it started when it is aborted', async () => {
    const abort = new AbortController();
    const output = new PassThrough();
    output.once('data', () => abort.abort());
    const code = await exec(engine, id, ['sh', '-c', 'sleep 4711 & echo started; wait'], {
      stdout: output,
      signal: abort.signal,
    });
    expect(code).toBe(143);
    expect(await sh(id, 'pgrep -fc "[s]leep 4711" || true')).toBe('0');
  });

  it('streams lines, and the command ends when it is told to', async () => {
    const ping = await stream(engine, id, [
      'sh',
      '-c',
      'i=0; while :; do echo line $i; i=$((i+1)); sleep 0.01; done',
    ]);
    const seen: string[] = [];
    for await (const line of ping.lines()) if (seen.push(line) === 2) break;
    for await (const line of ping.lines()) if (seen.push(line) === 4) break;
    expect(seen).toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
    expect(await ping.kill()).toBe(143);
  });

  it('tells the exit code of a streamed command that ends by itself', async () => {
    const short = await stream(engine, id, ['sh', '-c', 'echo one; echo two; exit 3']);
    const seen: string[] = [];
    for await (const line of short.lines()) seen.push(line);
    expect(seen).toEqual(['one', 'two']);
    expect(await short.exit).toBe(3);
  });

  it('throws an error with the docker command when there is no such container', async () => {
    await expect(capture(engine, 'hoplab-nosuch', ['ls', '-l'])).rejects.toMatchObject({
      code: 'E_DOCKER',
      detail: 'the same by hand: docker exec hoplab-nosuch ls -l',
    });
  });
});

describe('files', () => {
  it('are put before the start, with their modes, and replaced atomically while it runs', async () => {
    const volume = await ensureVolume(engine, LAB, 'data');
    const id = await createContainer(
      engine,
      container('files', {
        volumes: [{ volume, path: '/data' }],
        files: [
          { path: '/etc/lab/new/a', content: 'a\n' },
          { path: '/usr/local/bin/b', content: '#!/bin/sh\necho b\n', mode: 0o755 },
          { path: '/data/c', content: Buffer.from([0, 255]) },
        ],
      }),
    );
    expect(await getFiles(engine, id, '/data')).toEqual(new Map([['/data/c', Buffer.from([0, 255])]]));
    expect(await getFiles(engine, id, '/nosuch')).toBeUndefined();
    await startContainer(engine, id);
    expect(await sh(id, 'cat /etc/lab/new/a; b; stat -c %a /etc/lab/new/a /data/c')).toBe('a\nb\n644\n644');
    await putFiles(engine, id, [{ path: '/etc/lab/new/a', content: 'A\n' }]);
    await writeFile(engine, id, '/run/lab/deep/d', 'on a tmpfs\n', 0o600);
    expect(
      await sh(id, 'cat /etc/lab/new/a /run/lab/deep/d; stat -c %a /run/lab/deep/d; ls /run/lab/deep'),
    ).toBe('A\non a tmpfs\n600\nd');
  });
});

describe('lab-init', () => {
  it('makes the network of the topology out of the one Docker made, at each start', async () => {
    const network = renderNetworkFile({
      // Docker's eth0 and eth1 in the other order: the names must not get in each other's way.
      links: [
        { name: 'eth1', address: '198.51.100.5', prefixLength: 24, mac: '00:50:56:93:1c:47', mtu: 1400 },
        { name: 'eth0', address: '198.18.0.5', prefixLength: 24, mtu: 1300 },
      ],
      routes: [{ destination: 'default', via: '198.51.100.9' }],
      masquerade: ['eth0'],
      nameservers: ['198.51.100.53'],
      search: ['lab.example'],
      hosts: [{ address: '198.51.100.5', names: ['one', 'two'] }],
      sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.all.rp_filter': 2 },
    });
    const id = await run(
      container('init', {
        networks: [
          { network: left, address: '198.51.100.5' },
          { network: right, address: '198.18.0.5' },
        ],
        files: [{ path: NETWORK_FILE_PATH, content: network }],
      }),
    );
    const look = async () => {
      await waitUntilReady(engine, id);
      expect(await sh(id, "ip -o -4 addr show scope global | awk '{ print $2, $4 }' | sort")).toBe(
        'eth0 198.18.0.5/24\neth1 198.51.100.5/24',
      );
      expect(
        await sh(id, 'cat /sys/class/net/eth1/address /sys/class/net/eth1/mtu /sys/class/net/eth0/mtu'),
      ).toBe('00:50:56:93:1c:47\n1400\n1300');
      expect(await sh(id, 'ip -4 route show default')).toBe('default via 198.51.100.9 dev eth1');
      expect(await sh(id, 'iptables-save -t nat | grep -e ^-A -e ^:DOCKER')).toBe(
        '-A POSTROUTING -o eth0 -j MASQUERADE',
      );
      expect(await sh(id, 'cat /etc/resolv.conf /etc/hosts')).toBe(
        'nameserver 198.51.100.53\nsearch lab.example\n127.0.0.1 localhost\n198.51.100.5 one two',
      );
      expect(await sh(id, 'sysctl -n net.ipv4.ip_forward net.ipv4.conf.all.rp_filter')).toBe('1\n2');
      expect(await sh(id, 'cat /proc/1/comm; pgrep -c lab-init || true')).toBe('tini\n0');
    };
    await look();
    await stopContainer(engine, id, 1);
    await startContainer(engine, id);
    await look();
  });

  it('says what is wrong when an interface is missing', async () => {
    // Of an earlier try.
    await engine.docker
      .getContainer(`hoplab-${LAB}-missing`)
      .remove({ force: true })
      .catch(() => {});
    const network = renderNetworkFile({
      links: [{ name: 'ens192', address: '198.51.100.66', prefixLength: 24, mtu: 1500 }],
    });
    const id = await run(
      container('missing', {
        networks: [{ network: left, address: '198.51.100.6' }],
        files: [{ path: NETWORK_FILE_PATH, content: network }],
      }),
    );
    const refused = {
      code: 'E_INIT',
      detail: expect.stringMatching(
        /^lab-init: no interface has 198\.51\.100\.66\/24 \(wanted for ens192\); Docker gave: eth0 198\.51\.100\.6\/24/,
      ),
    };
    await expect(waitUntilReady(engine, id)).rejects.toMatchObject(refused);
    // And once more, now that it has certainly ended before anybody looks.
    await engine.docker.getContainer(id).wait();
    await expect(waitUntilReady(engine, id)).rejects.toMatchObject(refused);
  });
});

describe('images', () => {
  it('are not built twice', async () => {
    const before = await engine.docker.getImage(images.toolbox.tag).inspect();
    const again = await ensureImages(engine, ['toolbox', 'nginx'], ({ text }) => {
      throw new Error(`built again: ${text}`);
    });
    expect(again).toEqual(images);
    expect(before.Id).toBe(again.toolbox.id);
  });

  it('say how the base was made', async () => {
    const { Config } = await engine.docker.getImage(images.toolbox.tag).inspect();
    expect(['registry', 'mmdebstrap']).toContain(Config.Labels?.[LABEL.base]);
  });
});

describe('image store', () => {
  const nginx = () => ({ ref: 'engine-test/nginx', image: images.nginx.tag });

  it('holds each image once, complete, under all spellings of its name', async () => {
    const [stored] = await ensureInStore(engine, [nginx()]);
    expect(stored?.ref).toBe('engine-test/nginx:latest');
    const id = await run(container('store', { volumes: [{ volume: IMAGE_VOLUME, path: '/store' }] }));
    const folder = `/store/${stored?.id}`;
    expect(await sh(id, `cat ${folder}/complete; ls ${folder}`)).toBe('complete\nconfig.json\nrootfs');
    expect(JSON.parse(await sh(id, `cat ${folder}/config.json`))).toMatchObject({
      Cmd: ['nginx', '-g', 'daemon off;'],
      Entrypoint: [],
    });
    expect(await sh(id, `stat -c %a ${folder}/rootfs/tmp ${folder}/rootfs/usr/sbin/nginx`)).toBe('1777\n755');
    expect(await sh(id, `chroot ${folder}/rootfs nginx -v 2>&1`)).toContain('nginx version');
    for (const name of [
      'engine-test/nginx',
      'engine-test/nginx:latest',
      'docker.io/engine-test/nginx:latest',
    ]) {
      expect(JSON.parse(await sh(id, `cat /store/refs/${encodeURIComponent(name)}.json`))).toEqual(stored);
    }
  });

  it('copies nothing that is there, and leaves no container behind', async () => {
    await ensureInStore(engine, [nginx()], () => {
      throw new Error('copied again');
    });
    const helpers = await engine.docker.listContainers({
      all: true,
      filters: { label: [`${LABEL.helper}=image-store`] },
    });
    expect(helpers).toEqual([]);
  });

  it('takes any image of the engine, and suggests names for one it has not', async () => {
    expect((await loadImage(engine, images.nginx.tag))[0]).toMatchObject({ ref: images.nginx.tag });
    await expect(loadImage(engine, images.nginx.tag.replace('nginx', 'ngimx'))).rejects.toMatchObject({
      code: 'E_NO_IMAGE',
      exitCode: 2,
      detail: expect.stringContaining(images.nginx.tag),
    });
  });
});
