import { describe, expect, it } from 'vitest';
import { conmonArgs, parseSyncReport } from './conmon.ts';
import { mountsBelow } from './netns.ts';
import { bind, type OciSpecInput, ociSpec } from './oci-spec.ts';

const input: OciSpecInput = {
  args: ['nginx'],
  env: ['PATH=/bin'],
  cwd: '',
  user: { uid: 0, gid: 0, additionalGids: [0] },
  capabilities: ['CAP_KILL'],
  noNewPrivileges: false,
  privileged: false,
  terminal: false,
  rootfs: '/r',
  readonlyRootfs: false,
  namespaces: [{ type: 'mount' }, { type: 'network', path: '/run/netns/cni-1' }],
  mounts: [bind('/a', '/b', { readOnly: true })],
};
interface Spec {
  process: { cwd: string; capabilities: Record<string, string[]> };
  mounts: { destination: string; type: string; options: string[] }[];
  linux: Record<string, unknown>;
}

describe('ociSpec', () => {
  const spec = ociSpec(input) as unknown as Spec;
  it('asks for nothing of cgroups, which a node cannot write', () => {
    expect(spec.mounts.map((mount) => mount.type)).not.toContain('cgroup');
    expect(spec.linux).not.toHaveProperty('resources');
  });
  it('masks proc and mounts sys read-only', () => {
    expect(spec.linux.maskedPaths).toContain('/proc/kcore');
    expect(spec.linux.readonlyPaths).toContain('/proc/sys');
    expect(spec.mounts.find((mount) => mount.destination === '/sys')?.options).toContain('ro');
  });
  it('leaves that open to a privileged container', () => {
    const open = ociSpec({ ...input, privileged: true }) as unknown as Spec;
    expect(open.linux).not.toHaveProperty('maskedPaths');
    expect(open.mounts.find((mount) => mount.destination === '/sys')?.options).toContain('rw');
  });
  it('holds no ambient capabilities and starts in / by default', () => {
    expect(Object.keys(spec.process.capabilities)).toEqual(['bounding', 'effective', 'permitted']);
    expect(spec.process.cwd).toBe('/');
  });
  it('mounts volumes after the standard mounts', () => {
    expect(spec.mounts.at(-1)).toEqual({
      destination: '/b',
      type: 'bind',
      source: '/a',
      options: ['rbind', 'rprivate', 'ro'],
    });
  });
});

describe('conmon', () => {
  it('is told what Docker’s default seccomp profile needs', () => {
    const args = conmonArgs({
      id: 'x',
      name: 'n',
      bundle: '/b',
      logFile: '/l',
      exitDir: '/e',
      socketDir: '/s',
      terminal: false,
      stdin: 'none',
    });
    expect(args).toEqual(
      expect.arrayContaining(['--no-pivot', '--no-new-keyring', '--cgroup-manager=disabled', 'k8s-file:/l']),
    );
    expect(args).not.toContain('--terminal');
  });
  it('reports the pid, or the runtime’s error', () => {
    expect(parseSyncReport('{"pid": 88}')).toBe(88);
    expect(() =>
      parseSyncReport('{"pid": -1, "message": "open `/proc/36/ns/ipc`: Permission denied\\n"}'),
    ).toThrow('crun create failed: open `/proc/36/ns/ipc`: Permission denied');
  });
});

it('mountsBelow finds a path and what is under it, deepest first, and no namesakes', () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw - ext4 /dev/vda rw`;
  const text = ['/v', '/v/pods/a', '/v/pods/a/c/rootfs', '/v/pods/ab'].map(line).join('\n');
  expect(mountsBelow('/v/pods/a', text)).toEqual(['/v/pods/a/c/rootfs', '/v/pods/a']);
});
