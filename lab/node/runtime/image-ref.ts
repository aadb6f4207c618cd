/**
 * The name under which the image store keeps a reference: Docker's short name with its tag.
 * `nginx` and `docker.io/library/nginx:latest` are both `nginx:latest`; other registries keep their host.
 */
export function familiarRef(ref: string): string {
  let name = ref.trim();
  for (const prefix of ['docker.io/', 'index.docker.io/']) {
    if (name.startsWith(prefix)) name = name.slice(prefix.length);
  }
  if (/^library\/[^/]+$/.test(name)) name = name.slice('library/'.length);
  if (name.includes('@')) return name;
  const lastPart = name.slice(name.lastIndexOf('/') + 1);
  return lastPart.includes(':') ? name : `${name}:latest`;
}

/** The special image that is the node's own root file system; a tag or `latest` makes no difference. */
export function isNodeImage(ref: string): boolean {
  return /^hoplab\/node(:[\w.-]+)?$/.test(familiarRef(ref));
}
