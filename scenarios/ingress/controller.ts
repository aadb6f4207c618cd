import { holds, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

const NAME = 'essential-nginx-ingress-ingress-nginx-controller';

export default scenario({
  title: 'An nginx on each worker, and one address for all of them',
  chapter: 'ingress',
  figures: ['34', '35', '37'],
  about: `An Ingress is only a rule. What follows it is a controller: pods with an nginx in them, one on each worker, and a
service of type LoadBalancer that brings the clients to them.`,
  async story(s) {
    const workers = s.topology.nodes.filter(({ role }) => role === 'worker');
    const pods = await s.step('Figure 34: a controller pod for each worker, and the default backend', {
      on: KUBECTL,
      run: 'get pods -n iks -o wide',
      see: [
        ...workers.map(({ name, nodeName }) =>
          matches(
            new RegExp(`^${NAME}-\\w{5} +1/1 +Running .* 192\\.168\\.\\d+\\.\\d+ +${nodeName} `),
            `a controller on ${name}`,
          ),
        ),
        matches(/^essential-nginx-ingress-ingress-nginx-defaultbackend-\S+ +1\/1 +Running /),
      ],
    });
    await s.step(
      'They are pods of a DaemonSet that does not tolerate what keeps pods off the control plane',
      {
        on: KUBECTL,
        run: `get daemonset -n iks ${NAME}`,
        see: rows({ NAME, DESIRED: String(workers.length), READY: String(workers.length) }),
      },
    );
    const pinned = s.topology.cluster.ingress;
    await s.step('Figure 35: the service, its address, and its ports on the nodes', {
      on: KUBECTL,
      run: 'get services -n iks',
      see: rows(
        {
          NAME,
          TYPE: 'LoadBalancer',
          'CLUSTER-IP': pinned?.clusterIP ?? /^10\.96\./,
          'EXTERNAL-IP': pinned?.loadBalancerIP ?? /^\d/,
          'PORT(S)': `80:${pinned?.httpNodePort}/TCP,443:${pinned?.httpsNodePort}/TCP`,
        },
        {
          NAME: 'essential-nginx-ingress-ingress-nginx-defaultbackend',
          TYPE: 'ClusterIP',
          'CLUSTER-IP': pinned?.defaultBackendIP ?? /^10\.96\./,
          'PORT(S)': '80/TCP',
        },
      ),
    });
    const addresses = pods.stdout
      .split('\n')
      .filter((line) => line.startsWith(NAME))
      .map((line) => / (192\.168\.\d+\.\d+) /.exec(line)?.[1] ?? '');
    await s.step('Its endpoints are the controllers', {
      on: KUBECTL,
      run: `get endpoints -n iks ${NAME}`,
      see: addresses.map((address) => matches(new RegExp(`\\b${address.replaceAll('.', '\\.')}:80\\b`))),
    });
    const address = await s.step('The address, as the white paper asks for it', {
      on: KUBECTL,
      run: `-n iks get svc ${NAME} -o jsonpath='{.status.loadBalancer.ingress[0].ip}'`,
      see: matches(/^\d+\.\d+\.\d+\.\d+$/),
    });
    await s.step('There is an nginx behind it, with nothing to serve yet', {
      on: 'client',
      run: `curl -si --max-time 5 http://${address.stdout.trim()}/`,
      see: [matches(/^HTTP\/1\.1 404 /), matches(/^Server: nginx/), matches(/^default backend - 404$/)],
    });
    await s.step('and so there is behind the port of each node, also of the one without a controller', {
      on: 'client',
      run: `for node in ${s.topology.nodes.map((node) => node.interface.address).join(' ')}; do curl -s --max-time 5 -o /dev/null -w "$node %{http_code}\\n" http://$node:${pinned?.httpNodePort}/; done`,
      see: [
        holds(
          '404 from every node',
          ({ stdout }) => stdout.match(/ 404$/gm)?.length === s.topology.nodes.length,
        ),
        not(matches(/ 000$/)),
      ],
    });
  },
});
