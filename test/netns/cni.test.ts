import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cniKubeconfig } from '../../lab/network/calico/node/index.ts';
import { GATEWAY, vethName } from '../../lab/node/cni/index.ts';
import {
  A,
  type Call,
  caliInterfaces,
  call,
  config,
  dir,
  inNode,
  inside,
  ipam,
  NODE,
  store,
  useNamespaces,
  world,
} from './harness.ts';

useNamespaces();

describe('DEL', () => {
  it('leaves nothing, and may be repeated', async () => {
    await call({ command: 'ADD' });
    for (let i = 0; i < 2; i++) {
      expect(await call({ command: 'DEL' })).toMatchObject({ exitCode: 0, out: '' });
    }
    expect(caliInterfaces()).toEqual([]);
    expect(inside(A, 'ip', '-o', 'link').trim().split('\n')).toHaveLength(1);
    expect(inNode('ip', 'route')).not.toContain('cali');
    expect(await store().list('IPAMHandle')).toEqual([]);
    expect((await ipam().listBlocks())[0]?.used).toBe(0);
  });

  it.each([
    ['is not given', ''],
    ['has gone', '/run/netns/hoplab-cni-gone'],
    ['left an empty file', 'FILE'],
  ])('cleans up when the namespace %s but lives on', async (_, netns) => {
    await call({ command: 'ADD' });
    const file = join(dir, 'empty');
    writeFileSync(file, '');
    expect((await call({ command: 'DEL', netns: netns === 'FILE' ? file : netns })).exitCode).toBe(0);
    expect(caliInterfaces()).toEqual([]);
    expect((await ipam().listBlocks())[0]?.used).toBe(0);
  });
});

describe('CHECK', () => {
  it('passes after ADD and names what has changed since', async () => {
    const { json } = await call({ command: 'ADD' });
    const withResult = config({ prevResult: json });
    expect(await call({ command: 'CHECK', config: withResult })).toMatchObject({ exitCode: 0, out: '' });

    const host = vethName('default', 'wordpress-frontend-7b884dd698-d8w44');
    inNode('sh', '-c', `echo 0 >/proc/sys/net/ipv4/conf/${host}/proxy_arp`);
    inside(A, 'ip', 'route', 'delete', 'default');
    const changed = await call({ command: 'CHECK', config: withResult });
    expect(changed.json.code).toBe(105);
    expect(changed.json.details?.split('\n')).toEqual([
      `no default route via ${GATEWAY} in ${A}`,
      `net/ipv4/conf/${host}/proxy_arp is 0, not 1`,
    ]);
    inNode('ip', 'link', 'delete', host);
    const gone = await call({ command: 'CHECK', config: withResult });
    expect(gone.json.details).toContain(`eth0 is missing in ${A}`);
  });

  it('wants prevResult', async () => {
    expect((await call({ command: 'CHECK' })).json).toMatchObject({ code: 7 });
  });
});

describe('a request that is wrong', () => {
  it.each<[string, Call, number]>([
    ['no container id', { command: 'ADD', env: { CNI_CONTAINERID: '' } }, 4],
    ['no namespace', { command: 'ADD', netns: '' }, 4],
    ['a namespace that is not there', { command: 'ADD', netns: '/run/netns/hoplab-cni-gone' }, 3],
    ['a namespace that is a file', { command: 'ADD', netns: '/etc/passwd' }, 4],
    ["the node's own namespace", { command: 'ADD', netns: `/run/netns/${NODE}` }, 4],
    ['an unknown command', { command: 'UPDATE' }, 4],
    ['nothing on stdin', { command: 'ADD', stdin: '' }, 6],
    ['no JSON on stdin', { command: 'ADD', stdin: '{"cniVersion":' }, 6],
    ['a version it does not speak', { command: 'ADD', stdin: '{"cniVersion":"9.0.0"}' }, 1],
  ])('%s', async (_, options, code) => {
    const { exitCode, json } = await call(options);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ code, msg: expect.any(String) });
    expect(caliInterfaces()).toEqual([]);
    expect(await store().list('IPAMBlock')).toEqual([]);
  });

  it.each([
    ['is not there', undefined, /^cannot read the kubeconfig: ENOENT/],
    ['is none', 'clusters: []', /^cannot use the kubeconfig .*: it is not JSON/],
    ['has a token that the API does not know', 'token', /^cannot read IPAMHandle .*Unauthorized/],
  ])('a kubeconfig that %s', async (_, text, message) => {
    const file = join(dir, 'other-kubeconfig');
    rmSync(file, { force: true });
    if (text === 'token') writeFileSync(file, cniKubeconfig({ ...world.api.access, token: 'stale' }));
    else if (text !== undefined) writeFileSync(file, text);
    const { json } = await call({
      command: 'ADD',
      config: config({ kubernetes: { kubeconfig: file } }),
    });
    expect(json).toMatchObject({ code: 104, msg: expect.stringMatching(message) });
    expect(caliInterfaces()).toEqual([]);
  });
});

describe('while the API is away', () => {
  it('ADD says to try again later and leaves nothing', async () => {
    await world.api.goAway();
    const refused = await call({ command: 'ADD' });
    expect(refused.exitCode).toBe(1);
    expect(refused.json).toMatchObject({ code: 11, msg: expect.stringContaining('ECONNREFUSED') });
    expect(caliInterfaces()).toEqual([]);
    await world.api.comeBack();
    expect((await call({ command: 'ADD' })).exitCode).toBe(0);
  });

  it('DEL takes the interface away and says to try again later; the repeated DEL gives the address back', async () => {
    await call({ command: 'ADD' });
    await world.api.goAway();
    const refused = await call({ command: 'DEL' });
    expect(refused.json).toMatchObject({ code: 11 });
    expect(caliInterfaces()).toEqual([]);
    await world.api.comeBack();
    expect((await ipam().listBlocks())[0]?.used).toBe(1);
    expect(await call({ command: 'DEL' })).toMatchObject({ exitCode: 0, out: '' });
    expect((await ipam().listBlocks())[0]?.used).toBe(0);
    expect(await store().list('IPAMHandle')).toEqual([]);
  });
});

it('VERSION lists the versions', async () => {
  const { exitCode, json } = await call({ command: 'VERSION', stdin: '{"cniVersion":"0.3.1"}' });
  expect(exitCode).toBe(0);
  expect(json).toEqual({ cniVersion: '0.3.1', supportedVersions: ['0.3.0', '0.3.1', '0.4.0', '1.0.0'] });
});
