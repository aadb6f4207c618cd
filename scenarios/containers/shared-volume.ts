import { contains, equals, matches, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Two containers of a pod share a volume',
  chapter: 'containers',
  figures: ['7', '8'],
  about: `A pod may have several containers. Often one is the program and another its helper, which fetches or writes
files for it. They share files through a volume: here debian-container writes a page, and nginx-container serves it.`,
  pods: [{ file: './shared-volume.yaml', on: 'worker1' }],
  async story(s) {
    const address = await s.step('The pod has one address, whatever the number of its containers', {
      on: 'worker1',
      run: 'nsenter -t $(nodectl pid default/two-containers) -n ip -4 -o addr show eth0',
      see: matches(/inet 192\.168\.104\.\d+\/32 /, "an address of worker1's block, as a /32"),
    });
    const ip = address.pick(/inet ([\d.]+)\/32/);

    await s.step('nginx serves the page that the other container wrote; the node is its first visitor', {
      on: 'worker1',
      run: `curl -s http://${ip}/`,
      see: equals('Hello from the debian container'),
      within: 15_000,
      // The kubelet replaces this file when the state of a container changes, as when debian-container has ended.
      until: { watch: 'tail -n 0 -F /run/kubelet/status.json' },
    });
    await s.step('So does it for a pod on another node', {
      on: 'default/toolbox-worker2',
      run: `curl -s http://${ip}/`,
      see: equals('Hello from the debian container'),
    });

    s.note(
      'For nginx-container the file is in /usr/share/nginx/html, for debian-container it was in /pod-data: one directory, two names. debian-container has ended by now; the volume belongs to the pod and outlives it.',
    );
    await s.step('Inside nginx-container the volume is a mount of its own', {
      on: 'default/two-containers/nginx-container',
      run: 'grep /usr/share/nginx/html /proc/self/mountinfo',
      see: contains(' /usr/share/nginx/html '),
    });
    await s.step('On the node it is a directory of the pod', {
      on: 'worker1',
      run: 'cat /var/lib/kubelet/pods/*/volumes/kubernetes.io~empty-dir/shared-data/index.html',
      see: equals('Hello from the debian container'),
    });
    await s.act('Whoever changes the file there', {
      on: 'worker1',
      run: 'for page in /var/lib/kubelet/pods/*/volumes/kubernetes.io~empty-dir/shared-data/index.html; do echo Hello from the node >$page; done',
    });
    await s.step('changes what nginx serves', {
      on: 'default/toolbox-worker2',
      run: `curl -s http://${ip}/`,
      see: equals('Hello from the node'),
    });
  },
});
