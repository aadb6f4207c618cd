import { contains, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const RULES = { watch: 'xtables-monitor --event' };

export default scenario({
  title: 'A service with two ports, an address of its choice, and one from outside',
  chapter: 'services',
  source: '"Service: multiport and defined IP address"',
  about: `With more than one port, each must have a name; each gets rules of its own. The address may be chosen, if it is of
the service network and free. And there may be external addresses, which Kubernetes does not manage: it only promises that
what arrives at a node with such a destination goes to the service. That it arrives is the administrator's business.`,
  manifests: ['./multi-port.yaml'],
  pods: ['./multi-port-pod.yaml'],
  async story(s) {
    await s.step('The service has the address that it asked for', {
      on: KUBECTL,
      run: '-n multi-port get services',
      see: rows({
        NAME: 'my-service',
        'CLUSTER-IP': '10.96.200.200',
        'EXTERNAL-IP': '198.51.100.80',
        'PORT(S)': '80/TCP,443/TCP',
      }),
    });
    await s.step('A second service cannot have it', {
      on: KUBECTL,
      run: '-n multi-port create service clusterip second --tcp=80 --clusterip=10.96.200.200 2>&1 || true',
      see: matches(/10\.96\.200\.200.*already allocated/, 'provided IP is already allocated'),
    });
    await s.step('nor one that is not of the service network', {
      on: KUBECTL,
      run: '-n multi-port create service clusterip second --tcp=80 --clusterip=10.97.0.1 2>&1 || true',
      see: matches(
        /10\.97\.0\.1.*not in the valid range|not in the valid range.*10\.96\.0\.0\/16/,
        'not in the valid range',
      ),
    });
    const rules = await s.step('Each port has its chain', {
      on: 'worker1',
      run: 'iptables -t nat -S KUBE-SERVICES | grep multi-port/my-service',
      see: [
        matches(
          /-d 10\.96\.200\.200\/32 -p tcp -m comment --comment "multi-port\/my-service:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-/,
          'http: port 80',
        ),
        matches(
          /-d 10\.96\.200\.200\/32 -p tcp -m comment --comment "multi-port\/my-service:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-/,
          'https: port 443',
        ),
        matches(
          /-d 198\.51\.100\.80\/32 -p tcp -m comment --comment "multi-port\/my-service:http external IP" .*-m tcp --dport 80 .*-j KUBE-/,
          'http at the external address',
        ),
      ],
      within: 10_000,
      until: RULES,
    });
    const chain = (port: string) =>
      rules.pick(new RegExp(`my-service:${port} cluster IP" -m tcp --dport \\d+ -j (KUBE-SVC-\\S+)`));
    const address = await s.act('The address of the pod', {
      on: KUBECTL,
      run: "-n multi-port get pod two-ports -o jsonpath='{.status.podIP}'",
    });
    for (const [port, target] of [
      ['http', 8080],
      ['https', 8081],
    ] as const) {
      await s.step(`${port} leads to the pod's port ${target}`, {
        on: 'worker1',
        run: `iptables -t nat -S $(iptables -t nat -S ${chain(port)} | grep -o 'KUBE-SEP-.*')`,
        see: contains(`-j DNAT --to-destination ${address.stdout.trim()}:${target}`),
        within: 10_000,
        until: RULES,
      });
    }
    await s.step('Port 80 of the service is port 8080 of the pod', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.200.200/',
      see: contains('port 8080 sees 192.168.104.120'),
    });
    await s.step('Port 443 is port 8081', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.200.200:443/',
      see: contains('port 8081 sees 192.168.104.120'),
    });

    s.note(
      '198.51.100.80 belongs to no machine of the lab. The administrator brings it to a node: with a route.',
    );
    s.later('The route is taken away', { on: 'router', run: 'ip route flush exact 198.51.100.80/32' });
    await s.act('The router sends it to worker1', {
      on: 'router',
      run: 'ip route replace 198.51.100.80/32 via 10.1.110.102',
    });
    await s.step('The client has an answer; the pod, on worker2, sees worker1', {
      on: 'client',
      run: 'curl -s --max-time 5 http://198.51.100.80/',
      see: contains('port 8080 sees 192.168.104.64'),
    });
    await s.step('A pod needs no route for it: the rules of its node are enough', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://198.51.100.80:443/',
      see: contains('port 8081 sees 192.168.104.64'),
    });
  },
});
