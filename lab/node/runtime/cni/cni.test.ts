import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CniConfigError, chooseConfigFile, parseNetworkList } from './config.ts';
import { openPodNetwork } from './network.ts';
import { type Attachment, cniEnv, pluginError, pluginInput, resultIPv4 } from './request.ts';

const attachment: Attachment = {
  containerId: 'abc',
  netns: '/run/netns/cni-1',
  ifName: 'eth0',
  podNamespace: 'default',
  podName: 'web',
  podUid: 'u-1',
  annotations: { 'cni.projectcalico.org/ipAddrs': '["192.168.104.77"]' },
  portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
};

describe('configuration', () => {
  it('takes the first file in order', () => {
    expect(chooseConfigFile(['20-b.conf', '10-calico.conflist', 'calico-kubeconfig', '.05.conflist'])).toBe(
      '10-calico.conflist',
    );
    expect(chooseConfigFile(['README'])).toBeUndefined();
  });
  it('takes a single plugin for a list of one', () => {
    const list = parseNetworkList('a.conf', '{"name":"n","type":"bridge","cniVersion":"0.4.0"}');
    expect(list).toMatchObject({ name: 'n', cniVersion: '0.4.0', plugins: [{ type: 'bridge' }] });
  });
  it.each([
    ['{', 'no valid JSON'],
    ['{"plugins":[{"type":"x"}]}', 'no "name"'],
    ['{"name":"n","plugins":[]}', 'no "plugins"'],
    ['{"name":"n","plugins":[{"type":"../x"}]}', 'plugin 1 has no proper "type"'],
  ])('refuses %s', (text, message) => {
    expect(() => parseNetworkList('a.conflist', text)).toThrow(CniConfigError);
    expect(() => parseNetworkList('a.conflist', text)).toThrow(message);
  });
});

describe('a call', () => {
  it('has the specification’s variables and Kubernetes’ arguments', () => {
    expect(cniEnv('ADD', attachment, '/opt/cni/bin')).toEqual({
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'abc',
      CNI_NETNS: '/run/netns/cni-1',
      CNI_IFNAME: 'eth0',
      CNI_PATH: '/opt/cni/bin',
      CNI_ARGS:
        'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=abc;K8S_POD_UID=u-1',
    });
  });
  it('gives runtimeConfig only for declared capabilities, and passes prevResult on', () => {
    const list = parseNetworkList(
      'a.conflist',
      '{"name":"n","cniVersion":"1.0.0","plugins":[{"type":"portmap","capabilities":{"portMappings":true,"bandwidth":true}}]}',
    );
    const prevResult = { ips: [{ address: '10.0.0.2/24' }] };
    expect(pluginInput(list, list.plugins[0] as never, attachment, prevResult)).toEqual({
      type: 'portmap',
      name: 'n',
      cniVersion: '1.0.0',
      runtimeConfig: { portMappings: attachment.portMappings },
      prevResult,
    });
  });
  it('turns the plugin’s JSON, or its crash, into an error', () => {
    expect(
      pluginError('calico', 'ADD', {
        code: 1,
        stdout: '{"cniVersion":"1.0.0","code":11,"msg":"no address","details":"block full"}',
        stderr: '',
      }),
    ).toMatchObject({
      code: 11,
      message: 'plugin type="calico" failed (add): no address: block full',
    });
    expect(pluginError('calico', 'DEL', { code: 2, stdout: '', stderr: 'panic: x\n' }).message).toContain(
      'exit code 2: panic: x',
    );
  });
  it('finds the pod’s address in results of every version', () => {
    expect(resultIPv4({ ips: [{ address: 'fd00::2/64' }, { address: '10.0.0.2/32' }] })).toBe('10.0.0.2');
    expect(resultIPv4({ ip4: { ip: '10.0.0.3/24' } })).toBe('10.0.0.3');
    expect(resultIPv4({})).toBeUndefined();
  });
});

describe('a list of plugins', () => {
  // Two plugins that are shell scripts: they log their calls, and fail when a file says so.
  let root: string;
  const paths = () => ({
    cniConf: join(root, 'conf'),
    cniBin: join(root, 'bin'),
    cniCache: join(root, 'cache'),
  });
  const calls = () =>
    existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cni-'));
    for (const name of ['conf', 'bin', 'cache']) mkdirSync(join(root, name));
    for (const name of ['first', 'second']) {
      writeFileSync(
        join(root, 'bin', name),
        `#!/bin/sh\ninput=$(cat)\nprev=$(echo "$input" | grep -c prevResult)\necho "$CNI_COMMAND ${name} prev=$prev" >> ${root}/calls\nif [ -e ${root}/fail-${name}-$CNI_COMMAND ]; then echo '{"code":7,"msg":"told to"}'; exit 1; fi\n[ $CNI_COMMAND = ADD ] && echo '{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.2/24"}]}'; exit 0\n`,
      );
      chmodSync(join(root, 'bin', name), 0o755);
    }
    writeFileSync(
      join(root, 'conf', '10-n.conflist'),
      '{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"first"},{"type":"second"}]}',
    );
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is called in order for ADD and CHECK, and backwards for DEL with the cached result', async () => {
    const network = openPodNetwork(paths());
    expect(resultIPv4(await network.add(attachment))).toBe('10.0.0.2');
    expect(readdirSync(join(root, 'cache'))).toEqual(['n-abc-eth0']);
    await network.check(attachment);
    // What was added with one configuration is removed with it, whatever stands there now.
    rmSync(join(root, 'conf', '10-n.conflist'));
    await network.del({ ...attachment, netns: '' });
    expect(calls()).toEqual([
      'ADD first prev=0',
      'ADD second prev=1',
      'CHECK first prev=1',
      'CHECK second prev=1',
      'DEL second prev=1',
      'DEL first prev=1',
    ]);
    expect(readdirSync(join(root, 'cache'))).toEqual([]);
  });

  it('is undone when one of them fails', async () => {
    writeFileSync(join(root, 'fail-second-ADD'), '');
    await expect(openPodNetwork(paths()).add(attachment)).rejects.toThrow(
      'plugin type="second" failed (add): told to',
    );
    expect(calls()).toEqual([
      'ADD first prev=0',
      'ADD second prev=1',
      'DEL second prev=0',
      'DEL first prev=0',
    ]);
    expect(readdirSync(join(root, 'cache'))).toEqual([]);
  });

  it('keeps what it knows until DEL has succeeded', async () => {
    const network = openPodNetwork(paths());
    await network.add(attachment);
    writeFileSync(join(root, 'fail-first-DEL'), '');
    await expect(network.del(attachment)).rejects.toThrow('told to');
    expect(readdirSync(join(root, 'cache'))).toEqual(['n-abc-eth0']);
    rmSync(join(root, 'fail-first-DEL'));
    await network.collect(new Set());
    expect(readdirSync(join(root, 'cache'))).toEqual([]);
  });

  it('says that pods must wait while there is no configuration', async () => {
    rmSync(join(root, 'conf', '10-n.conflist'));
    expect(await openPodNetwork(paths()).notReady()).toBe(
      'network plugin is not ready: cni config uninitialized',
    );
  });

  it('names a plugin that is not there', async () => {
    rmSync(join(root, 'bin', 'first'));
    await expect(openPodNetwork(paths()).add(attachment)).rejects.toThrow(
      `failed to find plugin "first" in path [${join(root, 'bin')}]`,
    );
  });
});
