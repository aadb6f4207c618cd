import { describe, expect, it } from 'vitest';
import { cniConfList } from '../../network/calico/node/index.ts';
import { parseRequest } from './request.ts';
import { CLUSTER } from './test-cluster.ts';

const NODE = 'iks-networking-example-cl-iks-networ-ac625d72ba';
const env = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: '0123abc',
  CNI_NETNS: '/run/netns/cni-1',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
  CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=iks;K8S_POD_NAME=web;K8S_POD_UID=u-1;OTHER=x',
};

/** The configuration a runtime makes of the list. */
function stdin(change: (config: Record<string, unknown>) => void = () => {}): string {
  const { plugins, name, cniVersion } = JSON.parse(
    cniConfList({ ...CLUSTER, reservedCIDRs: ['192.168.8.222/31'] }, NODE),
  );
  const config = { ...plugins[0], name, cniVersion };
  change(config);
  return JSON.stringify(config);
}
const annotated = (value: string) =>
  stdin((config) => {
    config.runtimeConfig = {
      'io.kubernetes.cri.pod-annotations': { 'cni.projectcalico.org/ipAddrs': value },
    };
  });
const parse = (change: Record<string, string>, text = stdin()) => parseRequest({ ...env, ...change }, text);

describe('parseRequest', () => {
  it('reads what calico-node writes and a kubelet passes', () => {
    expect(parse({})).toEqual({
      command: 'ADD',
      containerID: '0123abc',
      ifName: 'eth0',
      netns: '/run/netns/cni-1',
      pod: { namespace: 'iks', name: 'web', uid: 'u-1' },
      config: {
        cniVersion: '1.0.0',
        name: 'k8s-pod-network',
        nodeName: NODE,
        mtu: 1440,
        kubeconfig: '/etc/cni/net.d/calico-kubeconfig',
        logFile: '/var/log/calico/cni/cni.log',
        pool: {
          cidr: '192.168.0.0/16',
          blockSize: 26,
          strictAffinity: false,
          pinnedBlocks: { [NODE]: '192.168.8.192/26' },
          reservedCIDRs: ['192.168.8.222/31'],
        },
        pinnedAddress: undefined,
        prevResult: undefined,
      },
    });
  });

  it('reads the address that the annotation asks for', () => {
    expect(parse({}, annotated('["192.168.8.193"]'))).toMatchObject({
      config: { pinnedAddress: '192.168.8.193' },
    });
  });

  it.each(['192.168.8.193', '[]', '["192.168.8.193","192.168.8.194"]', '[1]', '{}'])(
    'refuses the annotation %s',
    (value) => {
      expect(() => parse({}, annotated(value))).toThrow(/ipAddrs is '.*', must be a JSON list with one/);
    },
  );

  it('refuses an annotation it would have to ignore', () => {
    const text = stdin((config) => {
      config.runtimeConfig = {
        'io.kubernetes.cri.pod-annotations': { 'cni.projectcalico.org/ipv4pools': '["x"]' },
      };
    });
    expect(() => parse({}, text)).toThrow(expect.objectContaining({ code: 2 }));
  });

  it('lets DEL do without a namespace', () => {
    expect(parse({ CNI_COMMAND: 'DEL', CNI_NETNS: '' })).toMatchObject({ command: 'DEL', netns: undefined });
  });

  it('takes a request without a pod', () => {
    expect(parse({ CNI_ARGS: '' })).toMatchObject({ pod: undefined });
  });

  it.each([
    [{ CNI_COMMAND: '' }, 'environment variable CNI_COMMAND is not set'],
    [{ CNI_COMMAND: 'add' }, 'CNI_COMMAND is "add", must be one of ADD, DEL, CHECK, VERSION'],
    [{ CNI_CONTAINERID: '' }, 'environment variable CNI_CONTAINERID is not set'],
    [{ CNI_CONTAINERID: '-x' }, 'CNI_CONTAINERID is "-x", must be alphanumeric, then'],
    [{ CNI_CONTAINERID: 'a/b' }, 'CNI_CONTAINERID is "a/b"'],
    [{ CNI_IFNAME: '' }, 'environment variable CNI_IFNAME is not set'],
    [{ CNI_IFNAME: '..' }, 'must be a name that is not'],
    [{ CNI_IFNAME: 'a-name-that-is-long' }, 'must be at most 15 bytes'],
    [{ CNI_IFNAME: 'eth 0' }, 'without "/", ":" and white space'],
    [{ CNI_IFNAME: 'eth0:1' }, 'without "/", ":" and white space'],
    [{ CNI_NETNS: '' }, 'environment variable CNI_NETNS is not set'],
    [{ CNI_NETNS: 'cni-1' }, 'CNI_NETNS is "cni-1", must be an absolute path'],
    [{ CNI_ARGS: 'K8S_POD_NAME' }, 'CNI_ARGS has "K8S_POD_NAME", must be KEY=value'],
    [{ CNI_ARGS: 'OTHER=x' }, 'CNI_ARGS has unknown OTHER and no IgnoreUnknown=1'],
    [{ CNI_ARGS: 'K8S_POD_NAME=x' }, 'must have both'],
  ])('refuses %j', (change, message) => {
    expect(() => parse(change)).toThrow(
      expect.objectContaining({ code: 4, message: expect.stringContaining(message) }),
    );
  });

  it.each<[string, (config: Record<string, unknown>) => void, number, string]>([
    ['no version', (c) => delete c.cniVersion, 1, 'cniVersion "0.1.0" is not supported'],
    ['version 2', (c) => (c.cniVersion = 2), 1, 'cniVersion 2 is not supported'],
    ['no name', (c) => delete c.name, 7, 'name is missing, must be a string'],
    ['mtu as text', (c) => (c.mtu = '1440'), 7, 'mtu is "1440", must be an integer from 68 to 65535'],
    ['mtu 0', (c) => (c.mtu = 0), 7, 'mtu is 0'],
    ['no ipam', (c) => delete c.ipam, 7, 'ipam is missing, must be an object'],
    ['another ipam', (c) => (c.ipam = { type: 'host-local' }), 2, 'ipam.type "host-local"'],
    [
      'a reservation that is no network',
      (c) => (c.ipam = { ...(c.ipam as object), reserved_cidrs: ['192.168.8.222'] }),
      7,
      'ipam.reserved_cidrs is ["192.168.8.222"], must be an array of CIDRs',
    ],
    ['another datastore', (c) => (c.datastore_type = 'etcdv3'), 2, 'datastore_type "etcdv3"'],
    ['no kubeconfig', (c) => (c.kubernetes = {}), 7, 'kubernetes.kubeconfig is missing, must be a string'],
    ['prevResult that is none', (c) => (c.prevResult = { ips: 1 }), 7, 'prevResult is not a CNI result'],
  ])('refuses %s', (_, change, code, message) => {
    expect(() => parse({}, stdin(change))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['', 'no network configuration'],
    ['[]', 'not a JSON object'],
    ['{', 'not JSON'],
  ])('refuses %j on standard input', (text, message) => {
    expect(() => parse({}, text)).toThrow(
      expect.objectContaining({ code: 6, message: expect.stringContaining(message) }),
    );
  });

  it('has no CHECK before 0.4.0', () => {
    const old = stdin((config) => {
      config.cniVersion = '0.3.1';
    });
    expect(() => parse({ CNI_COMMAND: 'CHECK' }, old)).toThrow(expect.objectContaining({ code: 1 }));
    expect(parse({}, old)).toMatchObject({ config: { cniVersion: '0.3.1' } });
  });

  it('answers VERSION whatever is on standard input', () => {
    expect(parse({ CNI_COMMAND: 'VERSION' }, '')).toEqual({ command: 'VERSION', cniVersion: '1.0.0' });
    expect(parse({ CNI_COMMAND: 'VERSION' }, '{"cniVersion":"0.4.0"}')).toMatchObject({
      cniVersion: '0.4.0',
    });
  });
});
