import {
  BROWSER,
  contains,
  equals,
  holds,
  KUBECTL,
  matches,
  not,
  rows,
  scenario,
} from '../../lab/scenario/index.ts';

const READY = "'{.subsets[*].addresses[*].ip}'";

export default scenario({
  title: 'The guestbook in a browser: what a page asks for',
  chapter: 'ingress',
  figures: ['37', '38', '45', '49', '50'],
  about: `A page is many requests, and a browser makes them all. Here is a real one, on the network of the client. After each
visit it prints what the network panel of its developer tools has: name, status, type, size and time.`,
  browser: 'client',
  manifests: ['./browser-guestbook.yaml', './browser-root.yaml'],
  async story(s) {
    await s.step('The guestbook and its databases run', {
      on: KUBECTL,
      run: '-n guestbook wait --for=condition=Available deployment --all --timeout=60s',
      timeoutMs: 70_000,
      see: contains('deployment.apps/frontend condition met'),
    });
    const controllers = await s.act('Both ingress controllers', {
      on: KUBECTL,
      run: `get endpoints -n iks essential-nginx-ingress-ingress-nginx-controller -o jsonpath=${READY}`,
    });
    const pods = controllers.stdout.trim();
    /** Both controllers give a file of that type. */
    const lead = (sentence: string, path: string, type: RegExp) =>
      s.step(sentence, {
        on: 'worker1',
        run: `for pod in ${pods}; do curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' http://$pod${path}; done`,
        see: holds(`each time 200 and ${type.source}`, ({ stdout }) => {
          const got = stdout.trim().split('\n');
          return (
            got.length === pods.split(' ').length && got.every((one) => /^200 /.test(one) && type.test(one))
          );
        }),
        within: 20_000,
        until: { on: KUBECTL, watch: '-n guestbook get ingress -w' },
      });
    await lead('lead there: page,', '/', /html/);
    await lead('and databases', "'/guestbook.php?cmd=get&key=messages'", /json/);

    await s.step(
      'Figures 37 and 38: the page comes, with its style, its script, and what the script asks for',
      {
        on: BROWSER,
        run: 'browse http://10.1.110.105/ --see Guestbook --screenshot figure-37',
        timeoutMs: 60_000,
        see: [
          contains('Guestbook: http://10.1.110.105/'),
          rows(
            { Name: '/', Status: '200', Type: 'document', Size: /B$/ },
            { Name: '/guestbook.css', Status: '200', Type: 'stylesheet', Size: /B$/ },
            { Name: '/controllers.js', Status: '200', Type: 'script', Size: /B$/ },
            { Name: '/guestbook.php?cmd=get&key=messages', Status: '200', Type: 'fetch', Size: /B$/ },
          ),
        ],
      },
    );
    await s.step('A message is typed in and submitted: one request more, and the page shows it', {
      on: BROWSER,
      run: "browse http://10.1.110.105/ --type 'input=Greetings from a browser' --click Submit --see 'Greetings from a browser' --screenshot message",
      timeoutMs: 60_000,
      see: rows({
        Name: /^\/guestbook\.php\?cmd=set&key=messages&value=.*Greetings/,
        Status: '200',
        Type: 'fetch',
      }),
    });
    await s.step('A browser that has never been there sees it, too: it is stored', {
      on: BROWSER,
      run: "browse http://10.1.110.105/ --see 'Greetings from a browser' --screenshot message-again",
      timeoutMs: 60_000,
      see: not(contains('cmd=set')),
      within: 30_000,
      until: { on: KUBECTL, watch: '-n guestbook get pods -w' },
    });

    await s.apply(
      'Figure 43: the guestbook moves to /guestbook, and every path of it is rewritten to /',
      './browser-rewrite.yaml',
    );
    await lead('(both controllers know it)', '/guestbook/', /html/);
    const broken = await s.step(
      'Figure 45: all is 200, and nothing works: controllers.js is the page once more',
      {
        on: BROWSER,
        run: 'browse http://10.1.110.105/guestbook/ --screenshot figure-45',
        timeoutMs: 60_000,
        see: [
          rows(
            { Name: '/guestbook/', Status: '200', Type: 'document' },
            { Name: '/guestbook/controllers.js', Status: '200', Type: 'script' },
          ),
          not(contains('guestbook.php')),
        ],
      },
    );
    const size = broken.pick(/^\/guestbook\/ +GET +200 +document +(\S+)/);
    await s.step('It begins like a page', {
      on: 'client',
      run: 'curl -s http://10.1.110.105/guestbook/controllers.js | head -n 1',
      see: equals('<!DOCTYPE html>'),
    });
    s.note(`The size says it, too: the document has ${size}, and the script and the style sheet the same.`);

    await s.apply(
      'Figures 49 and 50: a capture group keeps what stands after /guestbook/',
      './browser-groups.yaml',
    );
    await lead('(both controllers know it)', '/guestbook/controllers.js', /javascript/);
    await s.step('The script is a script, it asks for the messages, and the page shows them', {
      on: BROWSER,
      run: "browse http://10.1.110.105/guestbook/ --see 'Greetings from a browser' --screenshot figure-50",
      timeoutMs: 60_000,
      see: [
        rows(
          { Name: '/guestbook/', Status: '200', Type: 'document' },
          { Name: '/guestbook/guestbook.css', Status: '200', Type: 'stylesheet' },
          { Name: '/guestbook/controllers.js', Status: '200', Type: 'script' },
          { Name: '/guestbook/guestbook.php?cmd=get&key=messages', Status: '200', Type: 'fetch' },
        ),
        matches(/^\d+ requests, .* transferred$/),
      ],
    });
  },
});
