import {
  contains,
  holds,
  KUBECTL,
  matches,
  type Seen,
  type Story,
  type Target,
} from '../../lab/scenario/index.ts';

const SERVICE = 'essential-nginx-ingress-ingress-nginx-controller';

/** Each controller tells of each configuration that it serves. */
export const RELOADS = {
  watch: 'get events -n iks --field-selector reason=RELOAD -w',
  on: KUBECTL,
} as const;

/** Where the controllers' pods are. */
export async function controllers(s: Story, sentence = 'The controllers'): Promise<readonly string[]> {
  const found = await s.act(sentence, {
    on: KUBECTL,
    run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
  });
  return found.stdout.trim().split(' ');
}

/** Where the outside finds them: the address that the load balancer has given their service. */
export async function outsideAddress(s: Story, sentence: string): Promise<string> {
  const found = await s.act(sentence, {
    on: KUBECTL,
    run: `-n iks get svc ${SERVICE} -o jsonpath='{.status.loadBalancer.ingress[0].ip}'`,
  });
  return found.stdout.trim();
}

/** A shell command that asks each controller itself. @param what what curl asks for, of `$pod` */
export const askEach = (pods: readonly string[], ...what: readonly string[]): string =>
  `for pod in ${pods.join(' ')}; do ${what.map((one) => `curl ${one}`).join('; ')}; done`;

/**
 * Waits until all of the controllers answer alike: whichever the load balancer chooses, it is one of them.
 *
 * @param asked paths, e.g. `/guestbook`, with the options of curl that they need
 * @param answer to each of them: the status, and the type of the content where it is wanted
 */
export function everyController(
  s: Story,
  sentence: string,
  pods: readonly string[],
  asked: readonly { readonly path: string; readonly host?: string }[],
  answer: string,
  until: { readonly watch: string; readonly on: Target } = RELOADS,
): Promise<Seen> {
  const shown = answer.includes(' ') ? '%{http_code} %{content_type}' : '%{http_code}';
  const what = asked.map(({ path, host }) => {
    const name = host === undefined ? '' : ` -H 'Host: ${host}'`;
    return `-s -o /dev/null -w '${shown}\\n'${name} http://$pod${path}`;
  });
  return s.step(sentence, {
    on: 'default/toolbox-worker1',
    run: askEach(pods, ...what),
    see: holds(
      `${answer} from every controller`,
      ({ stdout }) => stdout === `${answer}\n`.repeat(pods.length * asked.length),
    ),
    within: 15_000,
    until,
  });
}

/** What `curl -i` shows of a path that no rule names. */
export const nobody = [matches(/^HTTP\/1\.1 404 /), contains('default backend - 404')];
