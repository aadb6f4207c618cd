import { describe, expect, test } from 'vitest';
import type { Ingress } from '../objects.ts';
import { ATTACKS, allAt, MARK, PLACES, SECRETS } from '../testing/attacks.fixture.ts';
import { ingress, modelOf, path, RENDER } from '../testing/cluster.fixture.ts';
import { type Directive, parseDirectives, renderConf, renderDynamic } from './index.ts';

const EVERYTHING: Readonly<Record<string, string>> = {
  'rewrite-target': '/$1',
  'x-forwarded-prefix': '/x',
  'app-root': '/app',
  'server-alias': 'alias.test',
  'whitelist-source-range': '10.0.0.0/8',
  'denylist-source-range': '10.0.0.0/8',
  'limit-rps': '1',
  'limit-rpm': '1',
  'limit-connections': '1',
  'enable-cors': 'true',
  'cors-allow-origin': 'https://a.test',
  'cors-expose-headers': 'X',
  affinity: 'cookie',
  'permanent-redirect': 'https://a.test/',
  'enable-access-log': 'false',
  'auth-type': 'basic',
  'auth-secret': 'users',
};

/** `http/server/location/set` of every directive. */
function kinds(tree: readonly Directive[], above = ''): string[] {
  return tree.flatMap(({ words: [name = ''], children }) => {
    if (above.endsWith('_by_lua_block')) return [];
    const here = `${above}/${name}`;
    return [here, ...(children ? kinds(children, here) : [])];
  });
}

function words(tree: readonly Directive[], above = ''): { readonly place: string; readonly word: string }[] {
  return tree.flatMap(({ words: [name = '', ...rest], children }) => [
    ...rest.map((word, index) => ({ place: `${above}/${name} ${index}`, word })),
    ...(children ? words(children, `${above}/${name}`) : []),
  ]);
}

const rendered = (...ingresses: Ingress[]): Directive[] =>
  parseDirectives(renderConf(modelOf([MAIN, ...ingresses], { secrets: SECRETS }), RENDER).text);
const MAIN = ingress('main', [path('/')], { host: 'main.test' });

const full = rendered(ingress('one', [path('/x(.*)')], { host: '*.x.test', annotations: EVERYTHING }));
/** Directives that there are, where they are. */
const known = new Set(kinds(full));
const LITERAL_DOLLAR = `$${'{literal_dollar}'}`;
const variablesOf = (word: string) => word.match(/\$\{?\w+\}?/g) ?? [];
/** Variables that there are; in words that are expressions or literal a dollar sign is none. */
const variables = new Set([LITERAL_DOLLAR, ...words(full).flatMap(({ word }) => variablesOf(word))]);
const isLiteral = (place: string) => /\/(location|server_name) \d$|\/rewrite 0$|\/if 2$/.test(place);
/** Where an Ingress' own text may stand, as one word. */
const isForText = (place: string) =>
  isLiteral(place) ||
  /\/(set 1|return 1|rewrite 1|proxy_set_header 1|add_header 1|auth_basic 0|limit_req_zone 1|limit_req 0)$/.test(
    place,
  );

describe(`${ATTACKS.length} attempts`, () => {
  test.each(Object.entries(PLACES))('in the place of: %s', (_, place) => {
    const tree = rendered(...allAt(place));
    expect(kinds(tree).filter((kind) => !known.has(kind))).toEqual([]);
    const found = words(tree);
    const strange = found.filter(
      ({ place: at, word }) => !isLiteral(at) && variablesOf(word).some((name) => !variables.has(name)),
    );
    expect(strange).toEqual([]);
    expect(found.filter(({ place: at, word }) => word.includes(MARK) && !isForText(at))).toEqual([]);
    // The others are there, whole.
    const names = found.filter(({ place: at }) => at.endsWith('/server_name 0')).map(({ word }) => word);
    expect(names).toEqual(expect.arrayContaining(['_', 'main.test']));
  });

  test('what goes to nginx without a reload has a line for each thing', () => {
    for (const place of Object.values(PLACES)) {
      const model = modelOf([MAIN, ...allAt(place)]);
      const text = renderDynamic(model, model.backends, () => ['10.0.0.1:80'], '127.0.0.1:8181');
      for (const line of text.trimEnd().split('\n')) {
        expect(line).toMatch(/^(backend\t\S+(\t\S+\t\d+)+|sticky\t\S+\t[\w-]+\t[\w%.~!'()*-]+|canary\t.*)$/);
      }
    }
  });
});

test('a path is the word that it is, whatever it contains', () => {
  for (const attack of ATTACKS) {
    if (!attack.startsWith('/') || attack.length > 1000 || /[\p{Control}\p{Surrogate}\u2028]/u.test(attack))
      continue;
    const tree = rendered(ingress('one', [path(attack, 'svc', 'Exact')], { host: 'one.test' }));
    const found = words(tree).filter(({ place }) => place === '/http/server/location 1');
    expect(found.map(({ word }) => word)).toContain(attack);
  }
});
