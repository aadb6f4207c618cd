/**
 * What kubectl 1.32 declares about its flags (`kubectl COMMAND --help`), as far as it decides which argument is the
 * value of a flag. Flags are parsed as pflag does: a flag that is neither boolean nor has a default for "no value"
 * takes the next argument.
 */

const VALUELESS = new Set(
  `all all-containers all-namespaces all-pods allow-missing-template-keys append-hash append-server-path
   arguments-only as-current-user attach cached cascade client command containers create-annotation current
   delete-emptydir-data disable-compression disable-eviction disable-filter dry-run edit embed-certs
   enable-alpha-plugins enable-helm exec-provide-cluster-info expose flatten follow force force-conflicts
   global-default help helm-debug ignore-daemonsets ignore-errors ignore-not-found insecure-skip-tls-verify
   insecure-skip-tls-verify-backend interactive keep-annotations keep-init-containers keep-labels keep-liveness
   keep-readiness keep-startup leave-stdin-open list local match-server-version merge minify name-only namespaced
   network no-headers no-preserve now openapi-patch output-patch output-watch-events overwrite privileged
   previous prune quiet record recursive remove-extra-permissions remove-extra-subjects replace resolve rm
   same-node save-config server-print server-side set-raw-bytes share-processes show-capacity show-events
   show-kind show-labels show-managed-fields stdin sum timestamps tty use-protocol-buffers validate wait
   warnings-as-errors watch watch-only windows-line-endings`
    .split(/\s+/)
    .filter(Boolean),
);

const SHORT: Readonly<Record<string, string>> = {
  A: 'all-namespaces',
  L: 'label-columns',
  P: 'www-prefix',
  R: 'recursive',
  c: 'container',
  e: 'env',
  f: 'filename',
  h: 'help',
  i: 'stdin',
  k: 'kustomize',
  l: 'selector',
  n: 'namespace',
  o: 'output',
  p: 'patch',
  q: 'quiet',
  r: 'replicas',
  s: 'server',
  t: 'tty',
  u: 'unix-socket',
  v: 'v',
  w: 'watch',
};

/** Commands where a letter means something else: `logs -f` follows, `apply -f` names a file. */
const SHORT_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  logs: { f: 'follow', p: 'previous' },
  proxy: { p: 'port', w: 'www' },
};

/** Flags that are boolean in one command and have a value in another. */
const VALUELESS_OF: Readonly<Record<string, readonly string[]>> = {
  config: ['raw'],
  logs: ['prefix'],
};
const VALUED_OF: Readonly<Record<string, readonly string[]>> = { set: ['containers'] };

/** The long name of a one-letter flag of a command; the letter itself when kubectl has none. */
export function longName(letter: string, command: string | undefined): string {
  return SHORT_OF[command ?? '']?.[letter] ?? SHORT[letter] ?? letter;
}

/** Whether a flag, by its long name, takes the next argument when it has no `=value`. */
export function takesValue(name: string, command: string | undefined): boolean {
  if (VALUELESS_OF[command ?? '']?.includes(name)) return false;
  return VALUED_OF[command ?? '']?.includes(name) === true || !VALUELESS.has(name);
}
