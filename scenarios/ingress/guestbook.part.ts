import { KUBECTL, type Matcher, type Seen, type Story } from '../../lab/scenario/index.ts';

/** What the guestbook's script asks for. */
export const MESSAGES = 'guestbook.php?cmd=get&key=messages';

/** Waits until all pods of a deployment are those of its newest template. */
export const rolledOut = (s: Story, sentence: string, deployment = 'frontend'): Promise<Seen> =>
  s.act(sentence, {
    on: KUBECTL,
    run: `-n guestbook rollout status deployment/${deployment} --timeout=60s`,
    timeoutMs: 70_000,
  });

export const allAvailable = (s: Story, sentence: string): Promise<Seen> =>
  s.act(sentence, {
    on: KUBECTL,
    run: '-n guestbook wait --for=condition=Available deployment --all --timeout=60s',
    timeoutMs: 70_000,
  });

/** @param variable of the front end's image, e.g. `ASSETS_URL=http://…` */
export const setEnvironment = (s: Story, sentence: string, variable: string): Promise<Seen> =>
  s.act(sentence, { on: KUBECTL, run: `-n guestbook set env deployment/frontend ${variable}` });

/** A shell command that prints status and type of files below a URL. */
export const typesOf = (url: string, ...files: readonly string[]): string => {
  const names = files.map((file) => (/^[\w.]+$/.test(file) ? file : `'${file}'`)).join(' ');
  return `for file in ${names}; do curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' "${url}/$file"; done`;
};

/** The log of the front end's web server: each request that came to it. */
export const apacheSaw = (s: Story, sentence: string, see: readonly Matcher[]): Promise<Seen> =>
  s.step(sentence, { on: KUBECTL, run: '-n guestbook logs -l tier=frontend --tail=-1', see });
