import { contains, KUBECTL, type Seen, type Story } from '../../lab/scenario/index.ts';

/** The address of the ingress controller that iks.yaml pins, and the path of Figure 53. */
export const SITE = 'http://10.1.110.105/wordpress/';

/** The pods of manifests/wordpress-all-in-one.yaml. */
export const wordpressRuns = (s: Story): Promise<Seen> =>
  s.step('Wordpress and its database run', {
    on: KUBECTL,
    run: 'wait --for=condition=Available deployment/wordpress-db deployment/wordpress-frontend --timeout=60s',
    timeoutMs: 70_000,
    see: contains('deployment.apps/wordpress-frontend condition met'),
  });

/** The title of the site, for which Wordpress asks its database; it sets both up at its first start. */
export const siteHasTitle = (
  s: Story,
  sentence: string,
  title = 'WordPress',
  within = 90_000,
): Promise<Seen> =>
  s.step(sentence, {
    on: 'client',
    run: `curl -s ${SITE} | grep '<title>'`,
    see: contains(`<title>${title}</title>`),
    within,
    until: { on: KUBECTL, watch: 'logs -f deployment/wordpress-frontend' },
  });
