import { describe, expect, it } from 'vitest';
import { type ContainerSpec, containerSpecHash, createOptions } from './containers.ts';
import { shellQuote } from './errors.ts';
import { subnetsOverlap } from './networks.ts';

const spec: ContainerSpec = {
  lab: 'iks',
  name: 'worker1',
  role: 'node',
  image: 'hoplab/node:1',
  networks: [{ network: 'hoplab-iks-nodes', address: '10.1.110.102' }],
  capAdd: ['NET_ADMIN', 'SYS_ADMIN'],
  devices: ['/dev/net/tun'],
  volumes: [{ volume: 'hoplab-images', path: '/var/lib/hoplab/images', readOnly: true }],
  env: { HOPLAB_NODE: 'worker1' },
};

describe('createOptions', () => {
  it('gives the container its first network, address, rights and labels', () => {
    expect(createOptions(spec, false)).toMatchObject({
      name: 'hoplab-iks-worker1',
      Hostname: 'worker1',
      Env: ['HOPLAB_NODE=worker1'],
      Labels: {
        'hoplab.lab': 'iks',
        'hoplab.role': 'node',
        'hoplab.name': 'worker1',
        'hoplab.spec': containerSpecHash(spec),
      },
      HostConfig: {
        NetworkMode: 'hoplab-iks-nodes',
        CapAdd: ['NET_ADMIN', 'SYS_ADMIN'],
        CapDrop: [],
        Devices: [{ PathOnHost: '/dev/net/tun', PathInContainer: '/dev/net/tun', CgroupPermissions: 'rwm' }],
        Mounts: [
          { Type: 'volume', Source: 'hoplab-images', Target: '/var/lib/hoplab/images', ReadOnly: true },
        ],
      },
      NetworkingConfig: {
        EndpointsConfig: { 'hoplab-iks-nodes': { IPAMConfig: { IPv4Address: '10.1.110.102' } } },
      },
    });
    expect(createOptions(spec, false).HostConfig?.SecurityOpt).toEqual([]);
  });

  it('lifts AppArmor where it is in force and the container mounts', () => {
    expect(createOptions(spec, true).HostConfig?.SecurityOpt).toEqual(['apparmor=unconfined']);
    expect(createOptions({ ...spec, capAdd: ['NET_ADMIN'] }, true).HostConfig?.SecurityOpt).toEqual([]);
  });

  it('shares the network of another container, with its host name', () => {
    const options = createOptions({ ...spec, networks: [], networkOf: 'hoplab-iks-client' }, false);
    expect(options.HostConfig?.NetworkMode).toBe('container:hoplab-iks-client');
    // The engine refuses a host name, and networks, beside the network of another container.
    expect(options).not.toHaveProperty('Hostname');
    expect(options).not.toHaveProperty('NetworkingConfig');
  });

  it('has no network when none is named', () => {
    expect(createOptions({ ...spec, networks: [] }, false).HostConfig?.NetworkMode).toBe('none');
  });
});

describe('containerSpecHash', () => {
  it('does not depend on the order of keys, and changes with a value', () => {
    const reordered = Object.fromEntries(Object.entries(spec).reverse()) as unknown as ContainerSpec;
    expect(containerSpecHash(reordered)).toBe(containerSpecHash(spec));
    expect(containerSpecHash({ ...spec, env: { HOPLAB_NODE: 'worker2' } })).not.toBe(containerSpecHash(spec));
  });
});

describe('subnetsOverlap', () => {
  it.each([
    ['10.1.110.0/24', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.1.110.0/24', true],
    ['10.1.110.0/24', '10.1.111.0/24', false],
    ['10.1.110.0/25', '10.1.110.128/25', false],
  ])('%s and %s: %s', (a, b, expected) => expect(subnetsOverlap(a, b)).toBe(expected));
});

describe('shellQuote', () => {
  it('can be pasted', () =>
    expect(shellQuote(['sh', '-c', "echo 'a' $b"])).toBe(`sh -c 'echo '\\''a'\\'' $b'`));
});
