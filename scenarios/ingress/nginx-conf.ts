import { contains, equals, holds, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';
import { RELOADS } from './controllers.part.ts';

const ROUNDS = 5;
const LIMIT_MS = 300;
const WATCH = `node -e "
const path = '/etc/nginx/nginx.conf';
fs.watch('/etc/nginx', (_, name) => {
  if (name === 'nginx.conf') console.log(new Date().toISOString(), fs.readFileSync(path, 'utf8').match(/location = .wordpress.*(?= {)/g)?.join());
});
console.log('watching');
"`;

/** Milliseconds of the day of a time such as 15:19:51.086344. */
const milliseconds = (time: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
};

export default scenario({
  title: 'An Ingress becomes a piece of nginx.conf',
  chapter: 'ingress',
  figures: ['88'],
  about: `The controller watches the Ingress objects of the API. When there is a new one it writes a new nginx.conf, has
nginx check it, puts it in the place of the old one, and tells nginx to read it. How long does that take? kubectl tells,
when asked with -v=6, at what time the API server has confirmed; a watch on the folder tells when the file changes. One
file comes after the other: before the next Ingress, nginx has to serve the one before.`,
  manifests: ['./applications.yaml'],
  pods: ['./applications-pods.yaml'],
  async story(s) {
    s.later('No Ingress is left', {
      on: KUBECTL,
      run: `delete ingress --ignore-not-found applications ${Array.from({ length: ROUNDS }, (_, round) => `wordpress-${round}`).join(' ')}`,
    });
    const pod = await s.act('One of the controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[0].metadata.name}'",
    });
    const controller = `iks/${pod.stdout.trim()}`;
    await s.step('It knows nothing of Wordpress', {
      on: controller,
      run: 'cat /etc/nginx/nginx.conf',
      see: [contains('## start server _'), not(contains('wordpress'))],
    });
    const file = await s.background('Watch its nginx.conf', {
      on: controller,
      run: WATCH,
      ready: /^watching$/m,
    });

    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const created = await s.step(`Ingress ${round + 1}`, {
        on: KUBECTL,
        run: `-v=6 create ingress wordpress-${round} --rule='/wordpress-${round}*=wordpress-frontend:80'`,
        see: [
          contains(`ingress.networking.k8s.io/wordpress-${round} created`),
          matches(/POST .* 201 Created/),
        ],
      });
      const confirmed = created.pick(/^I\d{4} (\d\d:\d\d:\d\d\.\d+) .*POST .*201 Created/);
      const changed = await file.sees(
        'The file has it',
        matches(new RegExp(`^\\S+Z .*/wordpress-${round}\\b`)),
      );
      const written = changed.pick(new RegExp(`^\\S+T(\\S+)Z .*/wordpress-${round}\\b`));
      times.push(milliseconds(written) - milliseconds(confirmed));
      await s.step('and nginx serves it', {
        on: controller,
        run: `curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1/wordpress-${round}`,
        see: equals('200'),
        within: 10_000,
        until: RELOADS,
      });
    }
    await s.step('From the confirmation to the new file in no more than 300 ms, checked by nginx', {
      on: controller,
      run: 'nginx -t -q -c /etc/nginx/nginx.conf && echo good',
      see: [
        contains('good'),
        holds('no more than 300 ms (the middle of the rounds)', () => {
          const middle = [...times].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
          return middle <= LIMIT_MS || `milliseconds: ${times.map(Math.round).join(', ')}`;
        }),
      ],
    });

    await s.apply('The two applications', './applications-ingress.yaml');
    await s.step('Figure 88: what the file says of Wordpress', {
      on: controller,
      run: "sed -n '/location .*\\/wordpress\\/\\?\"\\? {/,/port_in_redirect off/p' /etc/nginx/nginx.conf",
      see: [
        matches(/^\s*location .*\/wordpress.* \{$/),
        matches(/^\s*set \$namespace +"default";$/),
        matches(/^\s*set \$ingress_name +"applications";$/),
        matches(/^\s*set \$location_path +"\/wordpress";$/),
        matches(/^\s*lua_ingress\.rewrite\(\{$/),
        matches(/^\s*force_ssl_redirect = false,$/),
        matches(/^\s*balancer\.rewrite\(\)$/),
        matches(/^\s*port_in_redirect off;$/),
      ],
      within: 10_000,
      until: file,
    });
    await s.step(
      'Which service it is, is said, too; which pods, is not: nginx is told of them without a new file',
      {
        on: controller,
        run: 'cat /etc/nginx/nginx.conf',
        see: [
          matches(/^\s*set \$proxy_upstream_name "default-wordpress-frontend-80";$/),
          not(contains('192.168.8.222')),
        ],
      },
    );
  },
});
