import { contains, equals, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const APPLICATIONS = ['shop', 'blog', 'wiki'];

export default scenario({
  title: 'Three services, HTTP and HTTPS, one load-balancer address',
  chapter: 'ingress',
  source: '"Use cases for a Kubernetes Ingress": it helps to conserve addresses',
  about: `Each service of type LoadBalancer takes an address that the outside can route to, and such addresses cost. Behind an
ingress the services can do with an address of the cluster.`,
  manifests: ['./tls-services.yaml'],
  pods: ['./tls-pods.yaml'],
  async story(s) {
    s.note(
      'First without: the pools of the cluster have three addresses, and the ingress controller has one of them.',
    );
    const taken = await s.step('Two applications get the other two', {
      on: KUBECTL,
      run: '-n shops get services',
      see: [
        rows({ NAME: 'shop', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.10[46]$/ }),
        rows({ NAME: 'blog', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.10[46]$/ }),
        rows({ NAME: 'wiki', TYPE: 'LoadBalancer', 'EXTERNAL-IP': '<pending>' }),
      ],
      within: 20_000,
      until: { watch: '-n shops get services -w' },
    });
    for (const name of ['shop', 'blog']) {
      await s.step(`The ${name} at an address of its own`, {
        on: 'client',
        run: `curl -s --max-time 5 http://${taken.pick(new RegExp(`^${name} +LoadBalancer +\\S+ +(\\S+)`))}/`,
        see: contains(`Welcome to the ${name}`),
        within: 20_000,
        until: { on: KUBECTL, watch: 'get events -A -w' },
      });
    }
    await s.step('The third one waits: there is no address left', {
      on: KUBECTL,
      run: '-n shops describe service wiki',
      see: matches(/AllocationFailed/),
    });

    await s.apply(
      'Now the services are of the cluster only, and there is an Ingress',
      './tls-one-address.yaml',
    );
    await s.step('No service has an address outside any more', {
      on: KUBECTL,
      run: '-n shops get services',
      see: APPLICATIONS.map((name) => rows({ NAME: name, TYPE: 'ClusterIP', 'EXTERNAL-IP': '<none>' })),
      within: 20_000,
      until: { watch: '-n shops get services -w' },
    });
    await s.step('The Ingress has that of its controller', {
      on: KUBECTL,
      run: '-n shops get ingress',
      see: rows({ NAME: 'shops', ADDRESS: '10.1.110.105' }),
      within: 20_000,
      until: { watch: '-n shops get ingress -w' },
    });
    for (const scheme of ['http', 'https']) {
      for (const name of APPLICATIONS) {
        await s.step(`The ${name} by ${scheme}`, {
          on: 'client',
          // -k: nobody has given the controller a certificate in this story.
          run: `curl -s${scheme === 'https' ? 'k' : ''} --max-time 5 ${scheme}://10.1.110.105/${name}`,
          see: contains(`Welcome to the ${name}`),
          within: 20_000,
          until: { on: KUBECTL, watch: '-n shops get ingress -w' },
        });
      }
    }
    await s.step('One service of the whole cluster has an address outside', {
      on: KUBECTL,
      run: `get services -A -o jsonpath='{range .items[?(@.spec.type=="LoadBalancer")]}{.metadata.name} {.status.loadBalancer.ingress[*].ip}{"\\n"}{end}'`,
      see: equals('essential-nginx-ingress-ingress-nginx-controller 10.1.110.105'),
    });
  },
});
