import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Two containers of a pod talk over localhost',
  chapter: 'containers',
  figures: ['9', '10'],
  about: `All containers of a pod share one network namespace: one address, one set of interfaces, one list of ports.
So one reaches the other at localhost. Everything else, such as their files, they have for themselves.`,
  pods: [{ file: './localhost.yaml', on: 'worker1' }],
  async story(s) {
    await s.step(
      'In debian-container nothing serves pages, and yet localhost answers: it is nginx next door',
      {
        on: 'default/two-containers/debian-container',
        run: 'curl -s --retry 5 --retry-connrefused http://localhost/',
        see: contains('Welcome to nginx!'),
      },
    );

    const namespace = await s.step('The network namespace of debian-container has a number', {
      on: 'default/two-containers/debian-container',
      run: 'readlink /proc/self/ns/net',
      see: matches(/^net:\[\d+\]$/),
    });
    const net = namespace.pick(/net:\[\d+\]/);
    await s.step('nginx-container lives in the same one', {
      on: 'default/two-containers/nginx-container',
      run: 'readlink /proc/self/ns/net',
      see: equals(net),
    });
    await s.step('The pause process holds it; it is there before the containers and after them', {
      on: 'worker1',
      run: 'readlink /proc/$(nodectl pid default/two-containers)/ns/net',
      see: equals(net),
    });
    await s.step("The node's own is another", {
      on: 'worker1',
      run: 'readlink /proc/self/ns/net',
      see: [matches(/^net:\[\d+\]$/), not(contains(net))],
    });

    const names = (text: string): string =>
      [...text.matchAll(/^\s*(\S+):/gm)]
        .map(([, name]) => name)
        .sort()
        .join(' ');
    const interfaces = holds('the interfaces eth0 and lo', ({ stdout }) => {
      const found = names(stdout)
        .split(' ')
        .filter((name) => name === 'eth0' || name === 'lo')
        .join(' ');
      return found === 'eth0 lo' || `it has ${names(stdout)}`;
    });
    for (const container of ['debian-container', 'nginx-container']) {
      await s.step(`The interfaces as ${container} sees them`, {
        on: `default/two-containers/${container}`,
        run: 'cat /proc/net/dev',
        see: interfaces,
      });
    }
    await s.step('One address for both', {
      on: 'worker1',
      run: 'nsenter -t $(nodectl pid default/two-containers) -n ip -4 -o addr',
      see: [matches(/^\d+: lo +inet 127\.0\.0\.1\/8/), matches(/^\d+: eth0 +inet 192\.168\.104\.\d+\/32/)],
    });
    await s.step('One list of ports: a second web server in this pod would find port 80 taken', {
      on: 'worker1',
      run: 'nsenter -t $(nodectl pid default/two-containers) -n ss -tln',
      see: matches(/^LISTEN\s.*\s0\.0\.0\.0:80\s/),
    });

    const files = await s.act('Their file systems are their own', {
      on: 'default/two-containers/debian-container',
      run: 'readlink /proc/self/ns/mnt',
    });
    await s.step('so their mount namespaces differ', {
      on: 'default/two-containers/nginx-container',
      run: 'readlink /proc/self/ns/mnt',
      see: [matches(/^mnt:\[\d+\]$/), not(contains(files.pick(/mnt:\[\d+\]/)))],
    });
  },
});
