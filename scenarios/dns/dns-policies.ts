import { contains, equals, exitCode, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const CLUSTER = `nameserver 10.96.0.10
search default.svc.cluster.local svc.cluster.local cluster.local lab.example
options ndots:5`;

export default scenario({
  title: 'Four DNS policies',
  chapter: 'dns',
  figures: ['97'],
  source: '"DNS policies can be set on a per-pod basis" in the slides on networking',
  about: `Whom a pod asks is written into its /etc/resolv.conf by the kubelet, when the pod starts. spec.dnsPolicy says
what: the cluster's DNS (ClusterFirst, which is the default and not "Default"), the node's own (Default), or what
spec.dnsConfig says and nothing else (None).`,
  pods: ['./dns-policies.yaml'],
  async story(s) {
    const file = (sentence: string, pod: string, text: string) =>
      s.step(sentence, { on: `default/${pod}`, run: 'cat /etc/resolv.conf', see: equals(text) });
    const asks = (sentence: string, pod: string, name: string, answer: RegExp) =>
      s.step(sentence, {
        on: `default/${pod}`,
        run: `getent ahostsv4 ${name} || echo unknown`,
        see: matches(answer),
      });
    const inside = /^10\.96\.0\.1\s+STREAM kubernetes\.default\.svc\.cluster\.local$/;
    const outside = /^203\.0\.113\.10\s+STREAM www\.example\.com$/;
    const unknown = /^unknown$/;

    await s.step('What a manifest says that says nothing', {
      on: KUBECTL,
      run: "get pod cluster-first -o jsonpath='{.spec.dnsPolicy}'",
      see: equals('ClusterFirst'),
    });
    await file(
      "ClusterFirst: the cluster's DNS, its suffixes, and those of the node",
      'cluster-first',
      CLUSTER,
    );
    await asks('It knows the services', 'cluster-first', 'kubernetes', inside);
    await asks('and the outside, by way of CoreDNS', 'cluster-first', 'www.example.com', outside);

    const node = await s.step('The resolv.conf of the node', {
      on: 'worker1',
      run: 'cat /etc/resolv.conf',
      see: [matches(/^nameserver 10\.1\.0\.53$/), matches(/^search lab\.example$/)],
    });
    await file('Default: the same in the pod', 'default-policy', node.stdout);
    await asks('It knows the outside', 'default-policy', 'www.example.com', outside);
    await asks('and no service', 'default-policy', 'kubernetes.default.svc.cluster.local', unknown);

    await file(
      'None: only dnsConfig counts',
      'none',
      'nameserver 10.1.0.53\nsearch example.com\noptions ndots:2 edns0',
    );
    await asks('www is www.example.com here', 'none', 'www', outside);
    await asks('and the cluster is not known', 'none', 'kubernetes.default.svc.cluster.local', unknown);

    await file(
      'ClusterFirst with a dnsConfig: joined',
      'added',
      `nameserver 10.96.0.10
nameserver 10.1.0.53
search default.svc.cluster.local svc.cluster.local cluster.local lab.example example.com
options ndots:3 timeout:1`,
    );
    await asks('It knows the services', 'added', 'kubernetes', inside);
    await asks('and www', 'added', 'www', outside);

    await file("ClusterFirst in the node's network is taken as Default", 'on-host', node.stdout);
    await asks('so no service has a name there', 'on-host', 'kubernetes.default.svc.cluster.local', unknown);
    await file('ClusterFirstWithHostNet is what such a pod needs', 'on-host-cluster-first', CLUSTER);
    await asks('A node reaches the address of kube-dns, too', 'on-host-cluster-first', 'kubernetes', inside);

    await s.step('A pod that says None and gives no server is refused', {
      on: KUBECTL,
      run: 'apply -f - 2>&1',
      stdin:
        'apiVersion: v1\nkind: Pod\nmetadata: { name: nobody-to-ask }\nspec: { dnsPolicy: None, containers: [{ name: a, image: toolbox }] }\n',
      see: [
        matches(/spec\.dnsConfig/),
        contains('must provide `dnsConfig` when `dnsPolicy` is None'),
        exitCode(1),
      ],
    });
  },
});
