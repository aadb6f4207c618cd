import { contains, equals, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';
import { SITE, siteHasTitle, wordpressRuns } from './wordpress.part.ts';

export default scenario({
  title: 'The database survives the deletion of its pod',
  chapter: 'ingress',
  figures: ['53'],
  about: `A pod takes its files with it when it goes. What shall stay lies on a volume that the pod only borrows: mysql-pv-claim
of Figure 53. The name wordpress-db stays, too, though the pod that comes has another address.`,
  manifests: ['./manifests/wordpress-all-in-one.yaml'],
  async story(s) {
    await wordpressRuns(s);
    await s.step('The claim of the database has a volume', {
      on: KUBECTL,
      run: 'get pvc mysql-pv-claim',
      see: matches(/^mysql-pv-claim +Bound +pvc-\S+ +20Gi +RWO +standard /),
    });
    await siteHasTitle(s, 'The site is there');
    await s.act('It gets a new title. Titles are in the database', {
      on: KUBECTL,
      run: `exec deployment/wordpress-db -- mariadb -uroot -pWORDPRESS_DB_PASSWORD wordpress -e "UPDATE wp_options SET option_value = 'Kept' WHERE option_name = 'blogname'"`,
    });
    await s.step('and the page shows it', {
      on: 'client',
      run: `curl -s ${SITE} | grep '<title>'`,
      see: contains('<title>Kept</title>'),
    });
    await s.step('The first pod of the database had to set it up', {
      on: KUBECTL,
      run: 'logs deployment/wordpress-db',
      see: contains('Initializing database files'),
    });
    const before = await s.act('This pod,', {
      on: KUBECTL,
      run: "get pod -l tier=wordpress-db -o jsonpath='{.items[0].metadata.name}'",
    });
    const pod = before.stdout.trim();
    await s.step('it is deleted, and all that it wrote into its own file system with it', {
      on: KUBECTL,
      run: `delete pod ${pod}`,
      timeoutMs: 60_000,
      see: contains(`pod "${pod}" deleted`),
    });
    await s.step('The Deployment makes another one', {
      on: KUBECTL,
      run: 'get pod -l tier=wordpress-db',
      see: [matches(/^wordpress-db-\S+ +1\/1 +Running /), not(contains(pod))],
      within: 30_000,
      until: { on: KUBECTL, watch: 'get pods -w' },
    });
    await siteHasTitle(s, 'The site has its title', 'Kept', 60_000);
    await s.step('The new pod found the files: it set up nothing', {
      on: KUBECTL,
      run: 'logs deployment/wordpress-db',
      see: not(contains('Initializing database files')),
    });
    await s.step('The front end has looked for wordpress-db anew at each request: it was not restarted', {
      on: KUBECTL,
      run: "get pod -l tier=wordpress-frontend -o jsonpath='{.items[*].status.containerStatuses[*].restartCount}'",
      see: equals('0'),
    });
  },
});
