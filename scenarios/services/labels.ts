import { contains, equals, holds, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const PODS =
  '-n guestbook get pods -l app=guestbook,tier=frontend -o jsonpath=\'{range .items[*]}{.status.podIP}{"\\n"}{end}\' | sort';
const ENDPOINTS =
  '-n guestbook get endpoints frontend -o jsonpath=\'{range .subsets[*].addresses[*]}{.ip}{"\\n"}{end}\' | sort';
const CHANGES = { watch: '-n guestbook get endpoints frontend --watch', on: KUBECTL };

export default scenario({
  title: 'A service follows its pods by their labels',
  chapter: 'services',
  figures: ['17', '18'],
  about: `Pods come and go, and their addresses with them. A service does not name pods; it names labels. Kubernetes
writes the addresses of all pods that have them into the endpoints of the service, again whenever that changes.`,
  manifests: ['./labels-namespace.yaml'],
  async story(s) {
    const pods = (sentence: string, count: number) =>
      s.step(sentence, {
        on: KUBECTL,
        run: PODS,
        see: holds(
          count === 1 ? 'the address of one pod' : `the addresses of ${count} pods`,
          ({ stdout }) => {
            const found = stdout.trim().split('\n');
            return found.length === count && found.every((line) => /^192\.168\.\d+\.\d+$/.test(line));
          },
        ),
        within: 30_000,
        until: { watch: '-n guestbook get pods --watch', on: KUBECTL },
      });
    const follow = (sentence: string, addresses: string) =>
      s.step(sentence, {
        on: KUBECTL,
        run: ENDPOINTS,
        see: equals(addresses),
        within: 30_000,
        until: CHANGES,
      });

    await s.apply('Figure 17: the deployment of the frontend, three pods', './labels-deployment.yaml');
    await s.step('They run', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 65_000,
      see: contains('successfully rolled out'),
    });
    await s.step('Each has the two labels of the template', {
      on: KUBECTL,
      run: '-n guestbook get pods -L app,tier',
      see: rows({ NAME: /^frontend-/, STATUS: 'Running', APP: 'guestbook', TIER: 'frontend' }),
    });
    const three = await pods('and an address', 3);

    await s.apply(
      'Figure 18: the service, whose selector has the same keys and values',
      './labels-service.yaml',
    );
    await follow('Its endpoints are the addresses of the pods', three.stdout);
    await s.step('So says kubectl describe, with the labels that it tracks', {
      on: KUBECTL,
      run: '-n guestbook describe service frontend',
      see: [
        matches(/^Selector:\s+app=guestbook,tier=frontend$/, 'Selector: app=guestbook,tier=frontend'),
        matches(
          /^Endpoints:\s+192\.168\.[\d.]+:80,192\.168\.[\d.]+:80,192\.168\.[\d.]+:80$/,
          'three endpoints, each with port 80',
        ),
      ],
    });
    const rule = await s.step('kube-proxy has a chain for the service, on each node the same', {
      on: 'worker1',
      run: 'iptables -t nat -S KUBE-SERVICES | grep "guestbook/frontend cluster IP"',
      see: matches(/-j KUBE-SVC-[A-Z2-7]{16}$/, 'a jump to KUBE-SVC-…'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const chain = rule.pick(/-j (KUBE-SVC-\S+)/);
    const ways = (sentence: string, count: number) =>
      s.step(sentence, {
        on: 'worker1',
        run: `iptables -t nat -S ${chain}`,
        see: holds(
          count === 1
            ? 'one rule that leads to a KUBE-SEP chain'
            : `${count} rules that lead to KUBE-SEP chains`,
          ({ stdout }) => {
            const found = stdout.match(/-j KUBE-SEP-/g)?.length ?? 0;
            return found === count || `it has ${found}`;
          },
        ),
        within: 10_000,
        until: { watch: 'xtables-monitor --event' },
      });
    await ways('with a way to each pod', 3);

    await s.act('Scale up', {
      on: KUBECTL,
      run: '-n guestbook scale deployment frontend --replicas=5',
    });
    await s.act('Wait for the new pods', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 65_000,
    });
    const five = await pods('There are five', 5);
    await follow('The endpoints have followed', five.stdout);
    await ways('and the rules', 5);

    await s.act('Scale down', {
      on: KUBECTL,
      run: '-n guestbook scale deployment frontend --replicas=1',
    });
    const one = await pods('One is left', 1);
    await follow('One endpoint', one.stdout);
    await ways('One way', 1);

    s.note(
      'The endpoints follow labels, not the deployment. So a pod can be taken out of the service, to look at it in peace, by changing one of its labels. The deployment, which counts by the same labels, makes another.',
    );
    const name = await s.act('The name of the pod', {
      on: KUBECTL,
      run: "-n guestbook get pods -l tier=frontend --field-selector status.phase=Running -o jsonpath='{.items[0].metadata.name}'",
    });
    await s.act('Give it another label', {
      on: KUBECTL,
      run: `-n guestbook label pod ${name.stdout.trim()} --overwrite tier=quarantine`,
    });
    await s.step('The service has left it and found its successor', {
      on: KUBECTL,
      run: ENDPOINTS,
      see: holds(`one address, not ${one.stdout.trim()}`, ({ stdout }) => {
        const found = stdout.trim();
        return (/^192\.168\.[\d.]+$/.test(found) && found !== one.stdout.trim()) || found;
      }),
      within: 30_000,
      until: CHANGES,
    });
    await s.step('It runs on, with its address', {
      on: KUBECTL,
      run: `-n guestbook get pod ${name.stdout.trim()} -o wide`,
      see: rows({ STATUS: 'Running', IP: one.stdout.trim() }),
    });
  },
});
