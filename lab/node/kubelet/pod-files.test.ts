import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Pod, PodSpec } from '../runtime/index.ts';
import { podHostsFile } from './hosts-file.ts';
import { klogHeader } from './log.ts';
import { containerNamespaces, sandboxNamespaces } from './namespaces.ts';
import { parseResolvConf, podResolvConf, renderResolvConf } from './resolv-conf.ts';
import { prepareVolumes, volumeMounts } from './volumes/index.ts';

const pod = (spec: Partial<PodSpec> = {}): Pod => ({
  metadata: { name: 'web', namespace: 'shop', uid: 'u' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const sources = { placed: { podIP: '', hostIP: '', nodeName: 'n', allocatable: {} } };
const cluster = { clusterDNS: '10.96.0.10', clusterDomain: 'cluster.local' };
const node = parseResolvConf('# made by hand\nnameserver 10.1.0.53\nsearch example.net\n');

describe('resolv.conf', () => {
  const of = (spec: Partial<PodSpec>) => renderResolvConf(podResolvConf(pod(spec), node, cluster));
  it('ClusterFirst', () => {
    expect(of({})).toBe(
      'nameserver 10.96.0.10\nsearch shop.svc.cluster.local svc.cluster.local cluster.local example.net\noptions ndots:5\n',
    );
  });
  it('Default, and ClusterFirst of a hostNetwork pod', () => {
    expect(of({ dnsPolicy: 'Default' })).toBe('nameserver 10.1.0.53\nsearch example.net\n');
    expect(of({ hostNetwork: true })).toBe(of({ dnsPolicy: 'Default' }));
    expect(of({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toBe(of({}));
  });
  it('None, and dnsConfig merged by option name', () => {
    expect(
      of({
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: ['1.2.3.4'],
          searches: ['a.b'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
        },
      }),
    ).toBe('nameserver 1.2.3.4\nsearch a.b\noptions ndots:2 edns0\n');
    expect(of({ dnsConfig: { options: [{ name: 'ndots', value: '2' }] } })).toContain('options ndots:2\n');
  });
  it('keeps three servers', () => {
    expect(
      of({ dnsConfig: { nameservers: ['1.1.1.1', '10.96.0.10', '2.2.2.2', '3.3.3.3'] } }).match(
        /nameserver/g,
      ),
    ).toHaveLength(3);
  });
});

describe('/etc/hosts', () => {
  it('is the real kubelet’s', () => {
    expect(
      podHostsFile(
        pod({ hostAliases: [{ ip: '9.9.9.9', hostnames: ['a', 'b'] }] }),
        '192.168.8.193',
        '',
        'cluster.local',
      ),
    ).toBe(
      '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n192.168.8.193\tweb\n\n# Entries added by HostAliases.\n9.9.9.9\ta\tb\n',
    );
  });
  it('has the name under a subdomain, and the node’s file for hostNetwork', () => {
    expect(podHostsFile(pod({ hostname: 'db', subdomain: 'sql' }), '1.2.3.4', '', 'cluster.local')).toContain(
      '1.2.3.4\tdb.sql.shop.svc.cluster.local\tdb\n',
    );
    expect(podHostsFile(pod({ hostNetwork: true }), '', '127.0.0.1 x\n', 'z')).toBe(
      '# Kubernetes-managed hosts file (host network).\n127.0.0.1 x\n',
    );
  });
});

describe('namespaces', () => {
  const types = (list: readonly { type: string; path?: string }[]) =>
    Object.fromEntries(list.map(({ type, path }) => [type, path ?? 'own']));
  it('shares network, uts and ipc within a pod, pid on request', () => {
    expect(types(sandboxNamespaces(pod(), '/n'))).toEqual({
      mount: 'own',
      pid: 'own',
      ipc: 'own',
      uts: 'own',
      network: '/n',
    });
    expect(types(containerNamespaces(pod(), '/n', 7))).toEqual({
      mount: 'own',
      pid: 'own',
      ipc: '/proc/7/ns/ipc',
      uts: '/proc/7/ns/uts',
      network: '/n',
    });
    expect(types(containerNamespaces(pod({ shareProcessNamespace: true }), '/n', 7)).pid).toBe(
      '/proc/7/ns/pid',
    );
  });
  it('leaves a hostNetwork pod in the node’s network and uts namespaces', () => {
    expect(types(containerNamespaces(pod({ hostNetwork: true, hostPID: true }), '', 7))).toEqual({
      mount: 'own',
      ipc: '/proc/7/ns/ipc',
    });
  });
});

describe('volumes', () => {
  const root = mkdtempSync(join(tmpdir(), 'volumes-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  it('makes emptyDirs and checks hostPath types', async () => {
    writeFileSync(join(root, 'file'), '');
    const volumes = [
      { name: 'e', emptyDir: {} },
      { name: 'h', hostPath: { path: join(root, 'new'), type: 'DirectoryOrCreate' } },
    ];
    const { paths } = await prepareVolumes(pod({ volumes }), join(root, 'pod'), sources);
    expect(paths.get('e')).toBe(join(root, 'pod/volumes/kubernetes.io~empty-dir/e'));
    const wrong = [{ name: 'h', hostPath: { path: join(root, 'file'), type: 'Directory' } }];
    await expect(prepareVolumes(pod({ volumes: wrong }), root, sources)).rejects.toThrow(
      `hostPath type check failed: ${root}/file is not a directory`,
    );
  });
  it('says that configMaps need the API server', async () => {
    const volumes = [{ name: 'v', configMap: { name: 'x' } }];
    await expect(prepareVolumes(pod({ volumes }), root, sources)).rejects.toThrow(
      'MountVolume.SetUp failed for volume "v" : configMap needs the API server',
    );
  });
  it('keeps a subPath inside its volume, also through links', async () => {
    const mount = (subPath: string) =>
      volumeMounts(
        { name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/m', subPath }] },
        new Map([['v', root]]),
      );
    expect((await mount('a/b'))[0]?.source).toMatch(/a\/b$/);
    symlinkSync('/etc', join(root, 'link'));
    await expect(mount('link')).rejects.toThrow('leads out of its volume');
    await expect(mount('link/new/dir')).rejects.toThrow('leads out of its volume');
    await expect(mount('../x')).rejects.toThrow('leads out of its volume');
  });
});

it('logs as klog', () => {
  expect(klogHeader('I', new Date('2026-11-20T11:00:00.042Z'))).toBe('I1120 11:00:00.042000');
});
