import { expect, it } from 'vitest';
import { rulesOf, served, service, slice } from '../render.fixture.ts';

const WORKER2 = 'worker2';
const chain = (rules: ReturnType<typeof rulesOf>, name: string, table: 'nat' | 'filter' = 'nat') =>
  (rules.tables[table].get(name) ?? 'no such chain').split('\n');

const FRONTEND = 'KUBE-SVC-ENODL3HWJ5BZY56Q';

it('Figures 24 and 25: the guestbook frontend with three pods', () => {
  const rules = rulesOf(
    '1.20',
    served(
      [
        service('frontend', {
          type: 'NodePort',
          clusterIP: '10.96.17.201',
          ports: [{ port: 80, nodePort: 32222 }],
        }),
      ],
      [slice('frontend', 80, '192.168.8.199@worker1', '192.168.43.150@worker2', '192.168.8.198@worker1')],
      WORKER2,
    ),
  );
  expect(chain(rules, 'KUBE-SERVICES')).toEqual([
    '-A KUBE-SERVICES ! -s 192.168.0.0/16 -d 10.96.17.201/32 -p tcp -m comment --comment "default/frontend cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
    `-A KUBE-SERVICES -d 10.96.17.201/32 -p tcp -m comment --comment "default/frontend cluster IP" -m tcp --dport 80 -j ${FRONTEND}`,
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
  ]);
  expect(chain(rules, FRONTEND)).toEqual([
    `-A ${FRONTEND} -m comment --comment "default/frontend" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-XOLBHGOCI64CSKKM`,
    `-A ${FRONTEND} -m comment --comment "default/frontend" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-VP2QAUKOETMAGR3B`,
    `-A ${FRONTEND} -m comment --comment "default/frontend" -j KUBE-SEP-UTYYDRQJ3GWCQAS7`,
  ]);
  expect(chain(rules, 'KUBE-SEP-XOLBHGOCI64CSKKM')).toEqual([
    '-A KUBE-SEP-XOLBHGOCI64CSKKM -s 192.168.43.150/32 -m comment --comment "default/frontend" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-XOLBHGOCI64CSKKM -p tcp -m comment --comment "default/frontend" -m tcp -j DNAT --to-destination 192.168.43.150:80',
  ]);
  expect(chain(rules, 'KUBE-NODEPORTS')).toEqual([
    '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/frontend" -m tcp --dport 32222 -j KUBE-MARK-MASQ',
    `-A KUBE-NODEPORTS -p tcp -m comment --comment "default/frontend" -m tcp --dport 32222 -j ${FRONTEND}`,
  ]);
  // "(2 references)" in Figure 25.
  const all = [...rules.tables.nat.values()].join('\n');
  expect(all.match(new RegExp(`-j ${FRONTEND}$`, 'gm'))).toHaveLength(2);
});

it('Figures 20 and 108: the load balancer of the ingress controller, three references', () => {
  const name = 'essential-nginx-ingress-ingress-nginx-controller';
  const controller = service(
    name,
    {
      type: 'LoadBalancer',
      clusterIP: '10.96.179.211',
      ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30080 }],
    },
    ['10.1.110.105'],
  );
  controller.metadata.namespace = 'iks';
  const endpoints = {
    ...slice(name, 80, '192.168.8.193@worker2', '192.168.104.65@worker1'),
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  };
  endpoints.metadata.namespace = 'iks';
  const rules = rulesOf('1.20', served([controller], [endpoints], WORKER2));
  const comment = `-m comment --comment "iks/${name}:http loadbalancer IP"`;
  expect(chain(rules, 'KUBE-SERVICES')).toContain(
    `-A KUBE-SERVICES -d 10.1.110.105/32 -p tcp ${comment} -m tcp --dport 80 -j KUBE-FW-D3XY3KFIPC4U6KQS`,
  );
  expect(chain(rules, 'KUBE-FW-D3XY3KFIPC4U6KQS')).toEqual([
    `-A KUBE-FW-D3XY3KFIPC4U6KQS ${comment} -j KUBE-MARK-MASQ`,
    `-A KUBE-FW-D3XY3KFIPC4U6KQS ${comment} -j KUBE-SVC-D3XY3KFIPC4U6KQS`,
    `-A KUBE-FW-D3XY3KFIPC4U6KQS ${comment} -j KUBE-MARK-DROP`,
  ]);
  const targets = chain(rules, 'KUBE-SVC-D3XY3KFIPC4U6KQS').map((line) => line.split(' ').at(-1));
  expect(targets).toEqual(['KUBE-SEP-AH3PTBOUGNT5BH3N', 'KUBE-SEP-JKWKVBBQCO4U3ZLS']);
  const all = [...rules.tables.nat.values()].join('\n');
  expect(all.match(/-j KUBE-SVC-D3XY3KFIPC4U6KQS$/gm)).toHaveLength(3);
});

it('Figures 19 and 84: the ways in, and KUBE-POSTROUTING', () => {
  const rules = rulesOf('1.20', []);
  const nat = rules.jumps.filter(({ table }) => table === 'nat');
  expect(nat.map(({ chain, rule }) => `${chain} ${rule}`)).toEqual([
    'PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    'OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    'POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  ]);
  expect(chain(rules, 'KUBE-POSTROUTING')).toEqual([
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
  ]);
});

it('externalTrafficPolicy Local: KUBE-XLB, and the drop on a node without a pod (seed 001)', () => {
  const local = service(
    'frontend',
    {
      type: 'LoadBalancer',
      clusterIP: '10.96.17.201',
      externalTrafficPolicy: 'Local',
      ports: [{ port: 80, nodePort: 32222 }],
    },
    ['10.1.110.104'],
  );
  const slices = [slice('frontend', 80, '192.168.8.198@worker2', '192.168.104.70@worker1')];
  const XLB = 'KUBE-XLB-ENODL3HWJ5BZY56Q';
  const common = [
    `-A ${XLB} -s 192.168.0.0/16 -m comment --comment "Redirect pods trying to reach external loadbalancer VIP to clusterIP" -j ${FRONTEND}`,
    `-A ${XLB} -m comment --comment "masquerade LOCAL traffic for default/frontend LB IP" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    `-A ${XLB} -m comment --comment "route LOCAL traffic for default/frontend LB IP to service chain" -m addrtype --src-type LOCAL -j ${FRONTEND}`,
  ];
  const here = rulesOf('1.20', served([local], slices, WORKER2));
  expect(chain(here, XLB)).toEqual([
    ...common,
    `-A ${XLB} -m comment --comment "Balancing rule 0 for default/frontend" -j KUBE-SEP-VP2QAUKOETMAGR3B`,
  ]);
  expect(chain(here, 'KUBE-NODEPORTS')).toEqual([
    '-A KUBE-NODEPORTS -s 127.0.0.0/8 -p tcp -m comment --comment "default/frontend" -m tcp --dport 32222 -j KUBE-MARK-MASQ',
    `-A KUBE-NODEPORTS -p tcp -m comment --comment "default/frontend" -m tcp --dport 32222 -j ${XLB}`,
  ]);
  const elsewhere = rulesOf('1.20', served([local], slices, 'controlpl1'));
  expect(chain(elsewhere, XLB)).toEqual([
    ...common,
    `-A ${XLB} -m comment --comment "default/frontend has no local endpoints" -j KUBE-MARK-DROP`,
  ]);
});

it('headless and ExternalName services, and those of another proxy, get no rules', () => {
  const empty = rulesOf('1.20', []);
  const none = [
    service('a', { clusterIP: 'None' }),
    service('b', { type: 'ExternalName', externalName: 'example.org' }),
    {
      ...service('c', { clusterIP: '10.96.0.9' }),
      metadata: {
        namespace: 'default',
        name: 'c',
        labels: { 'service.kubernetes.io/service-proxy-name': 'x' },
      },
    },
    service('d', { clusterIP: 'fd00::1' }),
  ];
  expect(rulesOf('1.20', served(none, [slice('a', 80, '192.168.8.198@worker2')], WORKER2))).toEqual(empty);
});
