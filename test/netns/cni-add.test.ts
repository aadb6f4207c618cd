import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PODS as POD_KIND } from '../../lab/api/client/index.ts';
import type { Pod } from '../../lab/api/objects/index.ts';
import { storeProblems } from '../../lab/network/calico/ipam/index.ts';
import { GATEWAY, HOST_MAC } from '../../lab/node/cni/index.ts';
import {
  A,
  B,
  caliInterfaces,
  call,
  dir,
  inNode,
  inside,
  ip,
  ipam,
  NODE,
  NODE_NAME,
  PODS,
  pinTo,
  store,
  useNamespaces,
  world,
} from './harness.ts';

useNamespaces();

describe('ADD', () => {
  it('wires a pod as Calico does', async () => {
    await ipam().ensureTunnelAddress(NODE_NAME);
    const { exitCode, json } = await call({ command: 'ADD' });
    expect(exitCode).toBe(0);
    const host = 'cali11aba968e90';
    expect(json.interfaces).toEqual([
      { name: host, mac: HOST_MAC },
      { name: 'eth0', mac: expect.stringMatching(/^[0-9a-f:]{17}$/), sandbox: A },
    ]);
    expect(json.ips).toEqual([{ interface: 1, address: '192.168.8.193/32' }]);

    const [eth0] = JSON.parse(inside(A, 'ip', '-j', 'address', 'show', 'eth0'));
    expect(eth0).toMatchObject({ mtu: 1440, operstate: 'UP', address: json.interfaces?.[1]?.mac });
    expect(eth0.addr_info).toContainEqual(
      expect.objectContaining({ family: 'inet', local: '192.168.8.193', prefixlen: 32, scope: 'global' }),
    );
    expect(inside(A, 'ip', 'route').trim().split(/ *\n/)).toEqual([
      'default via 169.254.1.1 dev eth0',
      '169.254.1.1 dev eth0 scope link',
    ]);
    expect(inside(A, 'cat', '/proc/sys/net/ipv4/ip_forward').trim()).toBe('0');

    const [cali] = JSON.parse(inNode('ip', '-j', 'link', 'show', host));
    expect(cali).toMatchObject({ mtu: 1440, operstate: 'UP', address: HOST_MAC });
    // The two ends name each other by interface index.
    expect(cali.link_index).toBe(eth0.ifindex);
    expect(inNode('ip', 'route', 'show', 'dev', host).trim()).toBe('192.168.8.193 scope link');
    const sysctl = (path: string) => inNode('cat', `/proc/sys/net/ipv4/${path}`).trim();
    expect(sysctl(`conf/${host}/proxy_arp`)).toBe('1');
    expect(sysctl(`conf/${host}/forwarding`)).toBe('1');
    expect(sysctl(`neigh/${host}/proxy_delay`)).toBe('0');
    expect(readFileSync(join(dir, 'log', 'cni.log'), 'utf8')).toContain('ADD default/wordpress-frontend');
  });

  it('tells the API the address, as annotations of the pod it is for', async () => {
    const name = 'wordpress-frontend-7b884dd698-d8w44';
    const pod = await world.api.client.create<Pod>(POD_KIND, {
      metadata: { namespace: 'default', name },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    const K8S_POD_UID = pod.metadata.uid ?? '';
    const env = { CNI_ARGS: `K8S_POD_NAMESPACE=default;K8S_POD_NAME=${name};K8S_POD_UID=${K8S_POD_UID}` };
    const { json } = await call({ command: 'ADD', env });
    const networks = json.ips?.[0]?.address;
    const annotated = await world.api.client.get<Pod>(POD_KIND, name, 'default');
    expect(annotated.metadata.annotations).toEqual({
      'cni.projectcalico.org/containerID': 'c1',
      'cni.projectcalico.org/podIP': networks,
      'cni.projectcalico.org/podIPs': networks,
    });
    // Another pod has taken the name: it is not told a stranger's address, and the stranger has its network.
    const stranger = env.CNI_ARGS.replace(K8S_POD_UID, 'f3b1c8f0-0000-4000-8000-000000000000');
    const other = await call({ command: 'ADD', id: 'c2', netns: B, env: { CNI_ARGS: stranger } });
    expect(other.exitCode).toBe(0);
    expect(await world.api.client.get(POD_KIND, name, 'default')).toEqual(annotated);
    expect(readFileSync(join(dir, 'log', 'cni.log'), 'utf8')).toContain('c2 cannot annotate the pod: ');
  });

  it('lets two pods of a node talk, through a gateway that answers ARP at once', async () => {
    const a = await call({ command: 'ADD' });
    const b = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db' });
    const target = b.json.ips?.[0]?.address.split('/')[0] ?? '';
    const ping = inside(A, 'ping', '-n', '-c', '2', '-i', '0.2', '-W', '2', target);
    expect(ping).toContain('2 received');
    // One router, the node, lies between: the TTL of the answer is one less than the 64 it was sent with.
    expect(ping).toContain('ttl=63');
    expect(Number(ping.match(/time=([\d.]+)/)?.[1])).toBeLessThan(200);
    expect(inside(A, 'ip', 'neigh')).toMatch(`${GATEWAY} dev eth0 lladdr ${HOST_MAC}`);
    expect(a.json.ips?.[0]?.address).not.toBe(b.json.ips?.[0]?.address);
  });

  it('gives the address that the annotation asks for, and says who has it when it is taken', async () => {
    const first = await call({ command: 'ADD', config: pinTo('192.168.8.200') });
    expect(first.json.ips?.[0]?.address).toBe('192.168.8.200/32');
    const second = await call({
      command: 'ADD',
      id: 'c2',
      netns: B,
      pod: 'db',
      config: pinTo('192.168.8.200'),
    });
    expect(second.exitCode).toBe(1);
    expect(second.json).toMatchObject({
      code: 101,
      msg: 'address 192.168.8.200 is already in use by pod default/wordpress-frontend-7b884dd698-d8w44 (block 192.168.8.192/26)',
    });
    const outside = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db', config: pinTo('10.9.9.9') });
    expect(outside.json.code).toBe(102);
    expect(caliInterfaces()).toHaveLength(1);
    expect(await storeProblems(store())).toEqual([]);
  });

  it('says that the pool is exhausted and leaves nothing behind', async () => {
    world.cluster = { ...world.cluster, podCIDR: '192.168.8.192/31', blockSize: 31 };
    await ipam().ensureTunnelAddress(NODE_NAME);
    expect((await call({ command: 'ADD' })).exitCode).toBe(0);
    const { exitCode, json } = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db' });
    expect(exitCode).toBe(1);
    expect(json.code).toBe(100);
    expect(json.msg).toContain(`no free address for node ${NODE_NAME} in pool 192.168.8.192/31`);
    expect(caliInterfaces()).toHaveLength(1);
    expect(await storeProblems(store())).toEqual([]);
    expect((await call({ command: 'DEL' })).exitCode).toBe(0);
    expect((await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db' })).exitCode).toBe(0);
  });

  it('rolls back when the wiring fails, and leaves alone what was there before', async () => {
    ip('-n', PODS[0], 'link', 'add', 'eth0', 'type', 'bridge');
    const there = await call({ command: 'ADD' });
    expect(there.json).toMatchObject({ code: 103, details: expect.stringContaining('File exists') });
    expect(there.json.details).toContain(`nsenter --net=${A} sh -c`);
    expect(ip('-n', PODS[0], 'link')).toContain('eth0');
    ip('-n', PODS[0], 'link', 'delete', 'eth0');
    // A route that is in the way: fails after the pair was made.
    ip('-n', PODS[0], 'link', 'add', 'x', 'type', 'bridge');
    ip('-n', PODS[0], 'link', 'set', 'x', 'up');
    ip('-n', PODS[0], 'route', 'add', 'default', 'dev', 'x');
    const later = await call({ command: 'ADD' });
    expect(later.json.code).toBe(103);
    expect(ip('-n', PODS[0], 'link')).not.toContain('eth0');
    expect(caliInterfaces()).toEqual([]);
    expect(await store().list('IPAMHandle')).toEqual([]);
    expect(await storeProblems(store())).toEqual([]);
  });

  it('replaces the host end of an earlier sandbox of the same pod; its late DEL leaves the new one alone', async () => {
    expect((await call({ command: 'ADD' })).exitCode).toBe(0);
    const again = await call({ command: 'ADD', id: 'c2', netns: B });
    expect(again.exitCode).toBe(0);
    ip('netns', 'delete', PODS[0]);
    expect((await call({ command: 'DEL' })).exitCode).toBe(0);
    expect(caliInterfaces()).toHaveLength(1);
    expect((await ipam().listBlocks())[0]?.used).toBe(1);
  });

  it('takes a pinned address over from a sandbox of the same pod that is gone', async () => {
    expect((await call({ command: 'ADD', config: pinTo('192.168.8.250') })).exitCode).toBe(0);
    // The node was made anew without its kubelet's state: no DEL, but no namespace either.
    // (The pair first: the kernel takes a namespace apart when it likes.)
    for (const name of caliInterfaces()) ip('-n', NODE, 'link', 'delete', name);
    ip('netns', 'delete', PODS[0]);
    const again = await call({ command: 'ADD', id: 'c2', netns: B, config: pinTo('192.168.8.250') });
    expect(again.json.ips?.[0]?.address).toBe('192.168.8.250/32');
    expect((await store().list('IPAMHandle')).map(({ key }) => key)).toEqual(['k8s-pod-network.c2']);
    expect(await storeProblems(store())).toEqual([]);
    // The DEL that was owed comes late.
    expect((await call({ command: 'DEL', netns: '' })).exitCode).toBe(0);
    expect(caliInterfaces()).toHaveLength(1);
    expect(await ipam().addressesByHandle('k8s-pod-network.c2')).toHaveLength(1);
  });

  it('does not rob a sandbox of the same pod that lives, nor another pod, nor one of another node', async () => {
    const pinned = pinTo('192.168.8.250');
    expect((await call({ command: 'ADD', config: pinned })).exitCode).toBe(0);
    const robber = await call({ command: 'ADD', id: 'c2', netns: B, config: pinned });
    expect(robber.json).toMatchObject({
      code: 101,
      msg: expect.stringContaining(
        'an earlier sandbox of this pod is still attached, there is interface cali',
      ),
    });
    expect(inside(A, 'ip', 'address')).toContain('192.168.8.250/32');
    expect(caliInterfaces()).toHaveLength(1);
    expect(inNode('ip', 'route', 'show', '192.168.8.250')).toContain('cali');

    for (const name of caliInterfaces()) ip('-n', NODE, 'link', 'delete', name);
    const other = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db', config: pinned });
    expect(other.json.msg).toMatch(/already in use by pod default\/wordpress-frontend\S+ \(block [^)]+\)$/);
    const elsewhere = { ...pinned, nodename: 'other-node' };
    expect((await call({ command: 'ADD', id: 'c2', netns: B, config: elsewhere })).json.code).toBe(101);
    expect(await ipam().addressesByHandle('k8s-pod-network.c1')).toHaveLength(1);
    // A route without its interface: something of it still draws traffic.
    inNode('ip', 'route', 'add', '192.168.8.250/32', 'dev', 'ens192');
    const routed = await call({ command: 'ADD', id: 'c2', netns: B, config: pinned });
    expect(routed.json.msg).toContain('there is a route to the address');
  });

  it('refuses a second ADD and keeps the first', async () => {
    const first = await call({ command: 'ADD' });
    expect((await call({ command: 'ADD' })).json).toMatchObject({ code: 106 });
    expect(inside(A, 'ip', 'address')).toContain(first.json.ips?.[0]?.address);
    expect(await ipam().addressesByHandle('k8s-pod-network.c1')).toHaveLength(1);
  });
});
