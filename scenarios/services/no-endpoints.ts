import { contains, exitCode, KUBECTL, lines, matches, not, scenario } from '../../lab/scenario/index.ts';

const RULES = { watch: 'xtables-monitor --event' };

export default scenario({
  title: 'A service whose selector matches nothing',
  chapter: 'services',
  source:
    '"Pod and Service Communication": no DNAT endpoints, because the service is not associated with the correct label',
  about: `A service without pods has an address all the same. Without a rule packets for it would wander off on the
default route and the client would wait. So kube-proxy says no on behalf of the missing pods: a REJECT in the filter table.`,
  manifests: ['./no-endpoints.yaml'],
  async story(s) {
    await s.step('The service has an address and no endpoints', {
      on: KUBECTL,
      run: 'describe service nobody',
      see: [
        matches(/^Selector:\s+app=guestbook,tier=frontned$/, 'Selector: app=guestbook,tier=frontned'),
        matches(/^IP:\s+10\.96\.17\.206$/, 'IP: 10.96.17.206'),
        matches(/^Endpoints:\s*(<none>)?$/, 'no endpoints'),
      ],
    });
    await s.step('No pod has these labels', {
      on: KUBECTL,
      run: 'get pods -l app=guestbook,tier=frontned',
      see: contains('No resources found'),
    });
    await s.step('In the filter table: refuse what asks for its address', {
      on: 'worker1',
      run: 'iptables -S KUBE-SERVICES',
      see: lines(
        '-A KUBE-SERVICES -d 10.96.17.206/32 -p tcp -m comment --comment "default/nobody has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
      ),
      within: 10_000,
      until: RULES,
    });
    await s.step('and what asks for its node port', {
      on: 'worker1',
      run: 'iptables -S KUBE-EXTERNAL-SERVICES',
      see: lines(
        '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/nobody has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 32226 -j REJECT --reject-with icmp-port-unreachable',
      ),
      within: 10_000,
      until: RULES,
    });
    await s.step('In the nat table there is no word of it: nothing to translate to', {
      on: 'worker1',
      run: 'iptables-save -t nat',
      see: [contains(':KUBE-SERVICES '), not(contains('default/nobody'))],
    });

    const link = await s.act("The node's end of the cable of toolbox-worker1", {
      on: 'worker1',
      run: 'ip route show 192.168.104.120',
    });
    const cable = await s.capture('Listen on it', {
      on: 'worker1',
      run: `tcpdump -n -i ${link.pick(/dev (cali[0-9a-f]{11})/)} icmp or host 10.96.17.206`,
    });
    await s.step('A pod is refused at once', {
      on: 'default/toolbox-worker1',
      run: 'curl -sS --max-time 5 http://10.96.17.206/',
      see: [matches(/Failed to connect|Could ?n.t connect|refused/i, 'not connected'), exitCode(7)],
    });
    await cable.sees('by the node, in the name of the address that was asked', [
      matches(/ IP 192\.168\.104\.120\.\d+ > 10\.96\.17\.206\.80: Flags \[S\]/, "the pod's SYN"),
      matches(
        / > 192\.168\.104\.120: ICMP 10\.96\.17\.206 tcp port 80 unreachable/,
        'ICMP: port unreachable',
      ),
    ]);
    await s.step('So is the client at the node port', {
      on: 'client',
      run: 'curl -sS --max-time 5 http://10.1.110.102:32226/',
      see: exitCode(7),
      within: 10_000,
      until: { ...RULES, on: 'worker1' },
    });

    await s.act('Put the label right', {
      on: KUBECTL,
      run: `patch service nobody -p '{"spec":{"selector":{"tier":"frontend"}}}'`,
    });
    await s.step('Now there are endpoints', {
      on: KUBECTL,
      run: 'get endpoints nobody',
      see: matches(
        /^nobody\s+192\.168\.[\d.]+:80,192\.168\.[\d.]+:80,192\.168\.[\d.]+:80\s/,
        'three endpoints',
      ),
      within: 10_000,
      until: { watch: 'get endpoints nobody --watch', on: KUBECTL },
    });
    await s.step('The refusal is gone', {
      on: 'worker1',
      run: 'iptables -S',
      see: [contains('-N KUBE-SERVICES'), not(contains('default/nobody'))],
      within: 10_000,
      until: RULES,
    });
    await s.step('and the pod has its answer', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.17.206/',
      see: matches(/^frontend-[123] .* sees 192\.168\.104\.120$/, 'a frontend answers'),
      within: 10_000,
      until: { ...RULES, on: 'worker1' },
    });
    await s.step('The client, too', {
      on: 'client',
      run: 'curl -s --max-time 5 http://10.1.110.102:32226/',
      see: matches(/^frontend-[123] /, 'a frontend answers'),
      within: 10_000,
      until: { ...RULES, on: 'worker1' },
    });
  },
});
