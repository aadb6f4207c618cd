import { afterAll, beforeAll, expect, test } from 'vitest';
import { ingress, to } from './objects.ts';
import { IngressWorld } from './world.ts';

let world: IngressWorld;

/** Path, target, what is asked for, and what the endpoint is then asked for: undefined where nobody serves it. */
const EXAMPLES: readonly (readonly [string, string, string, string | undefined])[] = [
  ['/guestbook(/|)(.*)', '/$2', '/guestbook', '/'],
  ['/guestbook(/|)(.*)', '/$2', '/guestbook/', '/'],
  ['/guestbook(/|)(.*)', '/$2', '/guestbook/controllers.js', '/controllers.js'],
  ['/guestbook(/|)(.*)', '/$2', '/guestbookX', '/X'],
  ['/guestbook(/)(.*)', '/$2', '/guestbook/controllers.js', '/controllers.js'],
  ['/guestbook(/)(.*)', '/$2', '/guestbook', undefined],
  ['/guestbook(/)(.*)', '/$1', '/guestbook/anything', '//'],
  ['/something(/|$)(.*)', '/$2', '/something/new?a=b', '/new?a=b'],
  ['/something(/|$)(.*)', '/$2', '/somethingelse', undefined],
  ['/guestbook', '/', '/guestbook/controllers.js', '/'],
  ['/', '/jenkins', '/x', '/jenkins'],
];
/** An Ingress with a host of its own for each pair of path and target. */
const RULES = [...new Set(EXAMPLES.map(([path, target]) => JSON.stringify([path, target])))];
const hostOf = (path: string, target: string) => `r${RULES.indexOf(JSON.stringify([path, target]))}.test`;

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.service('one', ['192.168.1.1']);
  await world.run('--watch-ingress-without-class=true');
  await world.apply(
    ...RULES.map((rule, index) => {
      const [path = '', target = ''] = JSON.parse(rule);
      const annotations = { 'rewrite-target': target };
      return ingress(`r${index}`, [to('one', path)], { host: hostOf(path, target), annotations });
    }),
  );
  await world.live((conf) => RULES.every((_, index) => conf.includes(`start server r${index}.test`)));
});

afterAll(async () => {
  await world?.close();
});

test.each(EXAMPLES)('%s to %s takes %s to %s', async (path, target, request, upstream) => {
  const { status, text } = await world.fetch(request, { host: hostOf(path, target) });
  expect(status === 200 ? JSON.parse(text).url : undefined).toBe(upstream);
});
