import { contains, equals, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

const ON = 'default/toolbox-worker1';

export default scenario({
  title: 'ExternalName, and the names outside the cluster',
  chapter: 'dns',
  source: '"Service: types (ExternalName)" in the slides on networking',
  about: `A service of type ExternalName is an alias and nothing else: CoreDNS answers with a CNAME, and asks the DNS
server of the node for what it leads to. That server is asked for all names that are not the cluster's.`,
  manifests: ['./external-name.yaml'],
  async story(s) {
    await s.step('No address, no port', {
      on: KUBECTL,
      run: 'get svc my-service -n prod',
      see: rows({
        NAME: 'my-service',
        TYPE: 'ExternalName',
        'CLUSTER-IP': '<none>',
        'EXTERNAL-IP': 'www.example.com',
        'PORT(S)': '<none>',
      }),
    });
    await s.step('The alias, and where it leads', {
      on: ON,
      run: 'dig +noall +answer my-service.prod.svc.cluster.local',
      see: [
        matches(/^my-service\.prod\.svc\.cluster\.local\. \d+ IN\s+CNAME\s+www\.example\.com\.$/),
        matches(/^www\.example\.com\.\s+\d+\s+IN\s+A\s+203\.0\.113\.10$/),
      ],
    });
    await s.step('The resolver of a pod ends up there', {
      on: ON,
      run: 'getent ahostsv4 my-service.prod',
      see: matches(/^203\.0\.113\.10\s+STREAM www\.example\.com$/),
    });
    await s.step('An alias for a name of the cluster', {
      on: ON,
      run: 'dig +short api.prod.svc.cluster.local',
      see: equals('kubernetes.default.svc.cluster.local.\n10.96.0.1'),
    });
    await s.step('An alias that leads nowhere is still an alias', {
      on: ON,
      run: 'dig +noall +answer lost.prod.svc.cluster.local; getent hosts lost.prod || echo unknown',
      see: [
        matches(/\sCNAME\s+my\.database\.example\.com\.$/),
        matches(/^unknown$/),
        not(matches(/\sIN\s+A\s/)),
      ],
    });
    await s.step('kube-proxy has nothing to do with any of this', {
      on: 'worker1',
      run: 'iptables-save -t nat | grep -c prod/ || true',
      see: equals('0'),
    });

    s.note(
      'CoreDNS itself has the resolv.conf of its node (dnsPolicy: Default), and forwards to the server there.',
    );
    await s.step('The servers of a node', {
      on: 'worker1',
      run: 'cat /etc/resolv.conf',
      see: contains('nameserver 10.1.0.53'),
    });
    const server = await s.capture('Listen at that server', {
      on: 'dns',
      run: 'tcpdump -n -i any udp port 53',
    });
    await s.step('A name of the outside that nobody has asked for yet', {
      on: ON,
      run: 'dig example.com',
      see: [
        matches(/status: NOERROR/),
        matches(/^;; flags: .*\bra\b/),
        matches(/^example\.com\.\s+\d+\s+IN\s+A\s+203\.0\.113\.10$/),
      ],
    });
    await s.step('One that nobody has', {
      on: ON,
      run: 'dig nobody-$(date +%s%N).example.com; getent hosts nobody.example.com || echo unknown',
      see: [matches(/status: NXDOMAIN/), matches(/^unknown$/)],
    });
    await server.sees('The question came from a node: the address of a CoreDNS pod is not known out here', [
      matches(/ In {2}IP 10\.1\.110\.10[278]\.\d+ > 10\.1\.0\.53\.53: .* A\? nobody-\d+\.example\.com\. /),
      not(contains(' 192.168.')),
    ]);
    await s.step('The machines of the lab have names, too', {
      on: ON,
      run: 'dig +short worker2.lab.example; getent ahostsv4 worker2',
      see: [matches(/^10\.1\.110\.107$/), matches(/^10\.1\.110\.107\s+STREAM worker2\.lab\.example$/)],
    });
    await s.step('Asked for a name of the cluster, that server knows nothing', {
      on: ON,
      run: 'dig @10.1.0.53 kubernetes.default.svc.cluster.local',
      see: [not(matches(/status: NOERROR.*[\s\S]*ANSWER: [1-9]/)), not(contains('10.96.0.1'))],
    });
  },
});
