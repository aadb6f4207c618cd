import { describe, expect, it } from 'vitest';
import { boundingSet, containerCapabilities } from './capabilities.ts';
import { expand } from './expansion.ts';
import { familiarRef, isNodeImage } from './image-ref.ts';
import { ContainerConfigError, processArgs, processEnv } from './process-args.ts';
import { resolveUser } from './user.ts';

describe('expand', () => {
  // Cases of k8s.io/kubernetes third_party/forked/golang/expansion/expand_test.go
  const vars = new Map([
    ['VAR_A', 'A'],
    ['VAR_B', 'B'],
    ['VAR_C', 'C'],
    ['VAR_REF', '$(VAR_A)'],
    ['VAR_EMPTY', ''],
  ]);
  it.each([
    ['$(VAR_A)', 'A'],
    ['___$(VAR_B)___', '___B___'],
    ['$(VAR_A)$(VAR_B)', 'AB'],
    ['$(VAR_REF)', '$(VAR_A)'],
    ['$$(VAR_A)_$(VAR_A)', '$(VAR_A)_A'],
    ['$$$(VAR_A)', '$A'],
    ['$$$$(VAR_A)', '$$(VAR_A)'],
    ['f000-$$VAR_A', 'f000-$VAR_A'],
    ['foo\\$(VAR_C)bar', 'foo\\Cbar'],
    ['$(VAR_DNE)', '$(VAR_DNE)'],
    ['foo$(VAR_EMPTY)bar', 'foobar'],
    ['$?_boo_$!', '$?_boo_$!'],
    ['$VAR_A', '$VAR_A'],
    ['$(VAR_A', '$(VAR_A'],
    ['$$(VAR_A', '$(VAR_A'],
    ['$()', '$()'],
    ['$', '$'],
    ['foo$', 'foo$'],
  ])('%s -> %s', (input, output) => {
    expect(expand(input, (name) => vars.get(name))).toBe(output);
  });
});

describe('processArgs', () => {
  // The table in the Kubernetes documentation, "Define a Command and Arguments for a Container".
  const image = { Entrypoint: ['/ep-1'], Cmd: ['foo', 'bar'] };
  const container = { name: 'c', image: 'i' };
  const env = new Map([['X', 'x']]);
  it.each([
    [{}, ['/ep-1', 'foo', 'bar']],
    [{ command: ['/ep-2'] }, ['/ep-2']],
    [{ args: ['zoo', 'boo'] }, ['/ep-1', 'zoo', 'boo']],
    [{ command: ['/ep-2'], args: ['zoo', '$(X)'] }, ['/ep-2', 'zoo', 'x']],
    [{ command: [], args: [] }, ['/ep-1', 'foo', 'bar']],
  ])('%j', (spec, words) => {
    expect(processArgs({ ...container, ...spec }, image, env)).toEqual(words);
  });
  it('refuses a container with nothing to run', () => {
    expect(() => processArgs(container, { Cmd: null }, env)).toThrow(ContainerConfigError);
  });
});

it('lets the spec’s variables override the image’s', () => {
  const env = new Map([
    ['A', '1'],
    ['B', '2'],
  ]);
  expect(processEnv({ Env: ['A=0', 'PATH=/bin', 'X=a=b'] }, 'host', env, false)).toEqual([
    'PATH=/bin',
    'A=1',
    'X=a=b',
    'HOSTNAME=host',
    'B=2',
  ]);
});

describe('resolveUser', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nnginx:x:101:102::/nonexistent:/bin/false\n';
  const group = 'root:x:0:\nnginx:x:102:\ntty:x:5:nginx,other\n';
  const of = (wanted: Parameters<typeof resolveUser>[0]) => resolveUser(wanted, passwd, group);
  it('takes root for an empty user', () => {
    expect(of({ imageUser: '' })).toEqual({ uid: 0, gid: 0, additionalGids: [0] });
  });
  it('looks names up, with their supplementary groups', () => {
    expect(of({ imageUser: 'nginx' })).toEqual({ uid: 101, gid: 102, additionalGids: [5, 102] });
    expect(of({ imageUser: 'nginx:tty' })).toMatchObject({ uid: 101, gid: 5 });
  });
  it('lets runAsUser and runAsGroup win', () => {
    expect(of({ imageUser: 'nginx', runAsUser: 0 })).toMatchObject({ uid: 0, gid: 0 });
    expect(of({ imageUser: '', runAsUser: 4711, runAsGroup: 7, supplementalGroups: [9] })).toEqual({
      uid: 4711,
      gid: 7,
      additionalGids: [7, 9],
    });
  });
  it('refuses unknown names, and root under runAsNonRoot', () => {
    expect(() => of({ imageUser: 'nobody-here' })).toThrow('unable to find user nobody-here');
    expect(() => of({ imageUser: '', runAsNonRoot: true })).toThrow('runAsNonRoot');
  });
});

describe('capabilities', () => {
  // Docker's default set plus NET_ADMIN and SYS_ADMIN, read in a node container.
  const node = boundingSet('CapBnd:\t00000000a82435fb\n');
  it('reads the mask', () => {
    expect(node).toContain('CAP_SYS_ADMIN');
    expect(node).not.toContain('CAP_SYS_PTRACE');
    expect(node).toHaveLength(16);
  });
  it('gives containerd’s default set, without NET_ADMIN', () => {
    expect(containerCapabilities(undefined, node)).toHaveLength(14);
    expect(containerCapabilities(undefined, node)).not.toContain('CAP_NET_ADMIN');
  });
  it('adds, drops, and never exceeds the node', () => {
    expect(
      containerCapabilities({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'CAP_SYS_TIME'] } }, node),
    ).toEqual(['CAP_NET_ADMIN']);
    expect(containerCapabilities({ capabilities: { add: ['ALL'], drop: ['KILL'] } }, node)).toHaveLength(15);
    expect(containerCapabilities({ privileged: true }, node)).toEqual(node);
  });
});

describe('familiarRef', () => {
  it.each([
    ['nginx', 'nginx:latest'],
    ['docker.io/library/nginx', 'nginx:latest'],
    ['docker.io/me/app:1', 'me/app:1'],
    ['reg.example:5000/app', 'reg.example:5000/app:latest'],
    ['app@sha256:00', 'app@sha256:00'],
  ])('%s is %s', (ref, name) => {
    expect(familiarRef(ref)).toBe(name);
  });
  it('knows the node’s own image', () => {
    expect(['hoplab/node', 'hoplab/node:abc', 'hoplab/nodes', 'node'].map(isNodeImage)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
