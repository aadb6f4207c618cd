import { contains, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const RULES = { watch: 'xtables-monitor --event' };

export default scenario({
  title: 'A service without a selector, for a server outside',
  chapter: 'services',
  source: '"Service: without selector"',
  about: `A service without a selector gets no endpoints by itself; whoever made it writes them. So pods can use a name and
an address of the cluster for a database that is somewhere else, and need not know when it moves.`,
  manifests: ['./own-endpoints.yaml'],
  async story(s) {
    await s.step('No selector, and the endpoints that were written', {
      on: KUBECTL,
      run: 'describe service my-service',
      see: [
        matches(/^Selector:\s+<none>$/, 'Selector: <none>'),
        matches(/^IP:\s+10\.96\.17\.209$/, 'IP: 10.96.17.209'),
        matches(/^Endpoints:\s+203\.0\.113\.10:9376$/, 'Endpoints: 203.0.113.10:9376'),
      ],
    });
    await s.step('To kube-proxy it is a service like any other: DNAT to the address outside', {
      on: 'worker1',
      run: 'iptables -t nat -S | grep default/my-service',
      see: [
        matches(
          /-d 10\.96\.17\.209\/32 .*"default\/my-service cluster IP" -m tcp --dport 80 -j KUBE-SVC-/,
          'KUBE-SVC for 10.96.17.209:80',
        ),
        contains('-j DNAT --to-destination 203.0.113.10:9376'),
        not(contains('probability')),
      ],
      within: 10_000,
      until: RULES,
    });
    const server = await s.background('The server outside says who is there', {
      on: 'internet',
      run: "socat -d -d TCP-LISTEN:9376,reuseaddr,fork SYSTEM:'echo the server outside sees $SOCAT_PEERADDR'",
      ready: /listening on /,
    });
    await s.step(
      'A pod asks the service. Two more translations happen on the way: the node, then the router',
      {
        on: 'default/toolbox-worker1',
        run: 'nc -d -w 5 10.96.17.209 80',
        see: contains('the server outside sees 203.0.113.1'),
      },
    );
    await server.sees(
      'So it was',
      matches(/accepting connection from .*203\.0\.113\.1:\d+/, 'from 203.0.113.1'),
    );
    await s.step('The node keeps the destination and the source that it translated in one line', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --orig-src 192.168.104.120 --orig-dst 10.96.17.209',
      see: matches(
        / src=192\.168\.104\.120 dst=10\.96\.17\.209 sport=\d+ dport=80 src=203\.0\.113\.10 dst=10\.1\.110\.102 sport=9376 /,
        'pod → service; server → worker1',
      ),
    });

    s.note('The database moves. Only the endpoints change; the pods do not notice.');
    const second = await s.background('Another server, on the node worker2', {
      on: 'worker2',
      run: "socat -d -d TCP-LISTEN:9377,reuseaddr,fork SYSTEM:'echo the server on worker2 sees $SOCAT_PEERADDR'",
      ready: /listening on /,
    });
    await s.act('Write it into the endpoints', {
      on: KUBECTL,
      run: `patch endpoints my-service -p '{"subsets":[{"addresses":[{"ip":"10.1.110.107"}],"ports":[{"port":9377}]}]}'`,
    });
    await s.step('The rules follow', {
      on: 'worker1',
      run: 'iptables -t nat -S | grep default/my-service',
      see: [contains('-j DNAT --to-destination 10.1.110.107:9377'), not(contains('203.0.113.10'))],
      within: 10_000,
      until: RULES,
    });
    await s.step('and the same question reaches the other server', {
      on: 'default/toolbox-worker1',
      run: 'nc -d -w 5 10.96.17.209 80',
      see: contains('the server on worker2 sees 10.1.110.102'),
    });
    await second.sees(
      'which accepted it',
      matches(/accepting connection from .*10\.1\.110\.102:\d+/, 'from 10.1.110.102'),
    );
  },
});
