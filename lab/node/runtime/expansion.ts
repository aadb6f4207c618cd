/**
 * Expands `$(NAME)` as Kubernetes does (k8s.io/kubernetes third_party/forked/golang/expansion): `$$` is a literal
 * `$`, an unknown name stays as it was written, and anything else after `$` is left alone.
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    const next = text[at + 1];
    if (char !== '$' || next === undefined) {
      out += char;
      at += 1;
    } else if (next === '$') {
      out += '$';
      at += 2;
    } else if (next === '(') {
      const end = text.indexOf(')', at + 2);
      if (end === -1) {
        // Incomplete reference: Kubernetes emits "$(" and goes on behind it.
        out += '$(';
        at += 2;
      } else {
        const name = text.slice(at + 2, end);
        out += lookup(name) ?? `$(${name})`;
        at = end + 1;
      }
    } else {
      out += char + next;
      at += 2;
    }
  }
  return out;
}
