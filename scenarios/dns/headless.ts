import { contains, equals, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const ON = 'prod/db-1';

export default scenario({
  title: 'A service without an address: the names of pods',
  chapter: 'dns',
  source: '"Service: types + 1 (Headless)" and "DNS: for Pods" in the slides on networking',
  about: `With clusterIP: None there is nothing to translate, so kube-proxy has no rule, and the name of the service
stands for the addresses of its pods. Each pod has a name below it: its hostname, if its subdomain is the service's
name, or else its address with dashes.`,
  manifests: ['./headless.yaml'],
  pods: ['./headless-pods.yaml'],
  async story(s) {
    const address = async (pod: string): Promise<string> => {
      const seen = await s.step(`The address of ${pod}`, {
        on: KUBECTL,
        run: `get pod ${pod} -n prod -o jsonpath='{.status.podIP}'`,
        see: matches(/^192\.168\.\d+\.\d+$/),
      });
      return seen.stdout.trim();
    };
    const primary = await address('db-0');
    const other = await address('db-1');
    await s.step('The service has none', {
      on: KUBECTL,
      run: 'get svc db -n prod',
      see: rows({ NAME: 'db', TYPE: 'ClusterIP', 'CLUSTER-IP': 'None' }),
    });
    const answers = await s.step('Its name stands for both pods', {
      on: ON,
      run: 'dig +short db.prod.svc.cluster.local',
      see: [matches(new RegExp(`^${quoted(primary)}$`)), matches(new RegExp(`^${quoted(other)}$`))],
      within: 10_000,
      until: { watch: 'get endpoints db -n prod -w', on: KUBECTL },
    });
    await s.step('in an order that changes from answer to answer', {
      on: ON,
      run: 'for i in $(seq 30); do dig +short db.prod.svc.cluster.local | head -n 1; done | sort | uniq -c',
      see: [contains(primary), contains(other)],
      timeoutMs: 60_000,
    });
    await s.step('db-0 has a hostname and a subdomain, so it has a name', {
      on: ON,
      run: 'dig +short primary.db.prod.svc.cluster.local',
      see: equals(primary),
    });
    await s.step('short, from the same namespace', {
      on: ON,
      run: 'getent hosts primary.db',
      see: matches(new RegExp(`^${quoted(primary)}\\s+primary\\.db\\.prod\\.svc\\.cluster\\.local$`)),
    });
    await s.step('and by that name it knows itself', {
      on: 'prod/db-0',
      run: 'hostname; hostname -f; grep primary /etc/hosts',
      see: [
        matches(/^primary$/),
        matches(/^primary\.db\.prod\.svc\.cluster\.local$/),
        matches(new RegExp(`^${quoted(primary)}\\s+primary\\.db\\.prod\\.svc\\.cluster\\.local\\s+primary$`)),
      ],
    });
    await s.step('db-1 has neither: its hostname is its own name', {
      on: ON,
      run: 'hostname; dig +short db-1.db.prod.svc.cluster.local',
      see: equals('db-1'),
    });
    const dashed = other.replaceAll('.', '-');
    await s.step('and below the service it is called by its address', {
      on: ON,
      run: `dig +short ${dashed}.db.prod.svc.cluster.local`,
      see: equals(other),
    });
    await s.step('A named port: one record per pod, each with its own name', {
      on: ON,
      run: 'dig +noall +answer +additional SRV _mysql._tcp.db.prod.svc.cluster.local',
      see: [
        matches(/\sSRV\s+0 50 3306 primary\.db\.prod\.svc\.cluster\.local\.$/),
        matches(new RegExp(`\\sSRV\\s+0 50 3306 ${dashed}\\.db\\.prod\\.svc\\.cluster\\.local\\.$`)),
        matches(
          new RegExp(`^primary\\.db\\.prod\\.svc\\.cluster\\.local\\. \\d+ IN\\s+A\\s+${quoted(primary)}$`),
        ),
      ],
    });
    await s.step('Backwards the pod has its name, too', {
      on: ON,
      run: `dig +short -x ${primary}; dig +short -x ${other}`,
      see: equals(`primary.db.prod.svc.cluster.local.\n${dashed}.db.prod.svc.cluster.local.`),
    });
    await s.step('kube-proxy has nothing to do with it', {
      on: 'worker1',
      run: 'iptables-save -t nat | grep -c prod/db || true',
      see: equals('0'),
    });
    s.note(
      `The client chooses: ${answers.stdout.trim().split('\n').length} addresses, and it takes the first.`,
    );

    s.note('Pods that are not ready are left out, unless the service says publishNotReadyAddresses.');
    await s.apply('A pod whose readiness probe looks for a file', './headless-waiting.yaml');
    await s.step('It runs, and is not ready', {
      on: KUBECTL,
      run: 'get pod waiting -n prod',
      see: rows({ NAME: 'waiting', READY: '0/1', STATUS: 'Running' }),
      within: 20_000,
      until: { watch: 'get pod waiting -n prod -w' },
    });
    const waiting = await address('waiting');
    await s.step('so one of its services has a name', {
      on: ON,
      run: 'dig +short anyway.prod.svc.cluster.local',
      see: equals(waiting),
      within: 10_000,
      until: { watch: 'get endpoints anyway -n prod -w', on: KUBECTL },
    });
    await s.step('and the other has none', {
      on: ON,
      run: 'dig waiting.prod.svc.cluster.local',
      see: [matches(/status: NXDOMAIN/), contains('ANSWER: 0')],
    });
    await s.act('Now it is', { on: 'prod/waiting', run: 'touch /tmp/ready' });
    await s.step('The probe finds out', {
      on: KUBECTL,
      run: 'wait pod/waiting -n prod --for=condition=Ready --timeout=20s',
      see: contains('condition met'),
    });
    await s.step('and the name is there', {
      on: ON,
      run: 'dig +short waiting.prod.svc.cluster.local',
      see: equals(waiting),
      within: 10_000,
      until: { watch: 'get endpoints waiting -n prod -w', on: KUBECTL },
    });
  },
});

function quoted(address: string): string {
  return address.replaceAll('.', '\\.');
}
