import { BROWSER, contains, holds, rows, scenario } from '../../lab/scenario/index.ts';
import { SITE, siteHasTitle, wordpressRuns } from './wordpress.part.ts';

export default scenario({
  title: 'Wordpress in a browser: every request goes to /wordpress',
  chapter: 'ingress',
  figures: ['55'],
  about: `Figure 55 shows the developer tools with a page of Wordpress behind the ingress. All of its files come from under
/wordpress. Not only the first page: a reader can follow links, and the administrator can log in.`,
  browser: 'client',
  manifests: ['./manifests/wordpress-all-in-one.yaml'],
  async story(s) {
    await wordpressRuns(s);
    await siteHasTitle(s, 'The site answers');
    const underItsPath = holds(
      'every request has status 200 or 302, and a name under /wordpress/',
      ({ stdout }) => {
        const requests = stdout.split('\n').filter((line) => line.startsWith('/'));
        const wrong = requests.filter((line) => !/^\/wordpress\/\S* +(GET|POST) +(200|302) /.test(line));
        return (
          (requests.length > 1 && wrong.length === 0) || `these do not: ${wrong.join('\n') || '(none there)'}`
        );
      },
    );
    await s.step('Figure 55: the page in a browser', {
      on: BROWSER,
      run: `browse ${SITE} --see 'Hello world!' --screenshot figure-55`,
      timeoutMs: 60_000,
      see: [
        contains(`WordPress: ${SITE}`),
        rows(
          { Name: '/wordpress/', Status: '200', Type: 'document' },
          { Name: /^\/wordpress\/wp-includes\/.*\.css\?ver=/, Status: '200', Type: 'stylesheet' },
          { Name: /^\/wordpress\/wp-includes\/.*\.js\?ver=/, Status: '200', Type: 'script' },
        ),
        underItsPath,
      ],
    });
    await s.step('A link leads to the first post', {
      on: BROWSER,
      run: `browse ${SITE} --click 'Hello world!' --see 'Leave a Reply' --screenshot post`,
      timeoutMs: 60_000,
      see: [contains(`${SITE}?p=1`), underItsPath],
    });
    await s.step('The administrator logs in, with what `hoplab status` prints', {
      on: BROWSER,
      run: `browse ${SITE}wp-login.php --type log=admin --type pwd=wordpress --click 'Log In' --see Dashboard --screenshot dashboard`,
      timeoutMs: 60_000,
      see: [
        contains(`${SITE}wp-admin/`),
        rows({ Name: '/wordpress/wp-login.php', Method: 'POST', Status: '302', Type: 'document' }),
        underItsPath,
      ],
    });
  },
});
