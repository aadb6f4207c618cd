/**
 * Writes messages.json from the Go types of Kubernetes (Apache-2.0), whose struct tags hold the field numbers of the generated.proto
 * files and, unlike those, tell a pointer from a value. Run by hand with a folder that holds `api` and `apimachinery`, e.g. of Debian's
 * golang-k8s-api-dev: `npx tsx lab/control-plane/apiserver/decode/protobuf/generate.ts /usr/share/gocode/src/k8s.io`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What clients send: the kinds that are stored, and those that are only asked. */
const roots: Readonly<Record<string, readonly string[]>> = {
  'core.v1':
    'Namespace Node Pod Service Endpoints ConfigMap Secret ServiceAccount Event PersistentVolume PersistentVolumeClaim Binding'.split(
      ' ',
    ),
  'apps.v1': ['Deployment', 'ReplicaSet', 'DaemonSet', 'ControllerRevision'],
  'autoscaling.v1': ['Scale'],
  'policy.v1': ['Eviction'],
  'networking.v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'discovery.v1': ['EndpointSlice'],
  'coordination.v1': ['Lease'],
  'storage.v1': ['StorageClass'],
  'events.v1': ['Event'],
  'authentication.v1': ['TokenRequest', 'TokenReview', 'SelfSubjectReview'],
  'authorization.v1': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  'meta.v1': ['DeleteOptions'],
};

/** Types with a form of their own in JSON, by their letter in the table. */
const special: Readonly<Record<string, string>> = {
  string: 's',
  bool: 'b',
  int: 'i',
  int32: 'i',
  int64: 'i',
  uint8: 'i',
  float64: 'd',
  'types.UID': 's',
  'types.NodeName': 's',
  '[]byte': 'y',
  'meta.v1.Time': 't',
  'meta.v1.MicroTime': 'u',
  'resource.Quantity': 'q',
  'intstr.IntOrString': 'x',
  'runtime.RawExtension': 'r',
};

interface Package {
  readonly text: string;
  /** Alias of an import to the name of its package here. */
  readonly imports: ReadonlyMap<string, string>;
}

const [source = '/usr/share/gocode/src/k8s.io'] = process.argv.slice(2);
const packages = new Map<string, Package>();
const messages: Record<string, string> = {};
for (const [name, kinds] of Object.entries(roots)) for (const kind of kinds) reach(`${name}.${kind}`);
const sorted = Object.fromEntries(Object.entries(messages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(new URL('./messages.json', import.meta.url), `${JSON.stringify(sorted, undefined, 1)}\n`);

function load(name: string): Package {
  const known = packages.get(name);
  if (known) return known;
  const path = name.replace('.', '/');
  const folder = name === 'meta.v1' ? 'apimachinery/pkg/apis/meta/v1' : `api/${path}`;
  const files = ['types.go', 'micro_time.go'].map((file) => join(source, folder, file)).filter(existsSync);
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const imports = new Map<string, string>();
  for (const [, alias, of] of text.matchAll(/^\t(\w+)? ?"k8s\.io\/(\S+)"$/gm)) {
    const last = of?.split('/').slice(-2).join('.') ?? '';
    imports.set(alias ?? of?.split('/').at(-1) ?? '', last);
  }
  const loaded = { text, imports };
  packages.set(name, loaded);
  return loaded;
}

function reach(type: string): void {
  if (messages[type] !== undefined) return;
  messages[type] = '';
  const { name, short } = split(type);
  const body = new RegExp(`^type ${short} struct \\{\n([^]*?)^\\}`, 'm').exec(load(name).text)?.[1];
  if (body === undefined) throw new Error(`no struct ${type}`);
  const fields: string[] = [];
  for (const [, declared, json = '', proto = ''] of body.matchAll(
    /^\t([^`/\n]+?)\s*`json:"([^"]*)".*? protobuf:"([^"]*)".*`/gm,
  )) {
    const words = (declared ?? '').trim().split(/\s+/);
    const [field = '', option] = json.split(',');
    if (field === 'managedFields' || words.at(-1) === undefined) continue;
    const kept = option === 'omitempty' || option === 'inline' ? '' : '!';
    fields.push(
      `${field === '' ? '.' : field}${kept} ${proto.split(',')[1]} ${coded(words.at(-1) ?? '', name)}`,
    );
  }
  messages[type] = fields.join(', ');
}

/** `*int32` is `*i`, `[]Container` is `[]core.v1.Container`, `map[string]string` is `{}s`. */
function coded(type: string, from: string): string {
  if (type.startsWith('*')) return `*${coded(type.slice(1), from)}`;
  const full = qualified(type, from);
  const letter = special[full];
  if (letter !== undefined) return letter;
  const map = /^map\[[\w.]+\](.*)$/.exec(type)?.[1];
  if (map !== undefined) return `{}${coded(map, from)}`;
  if (type.startsWith('[]')) return `[]${coded(type.slice(2), from)}`;
  const { name, short } = split(full);
  const alias = new RegExp(`^type ${short} (?!struct)(\\S+)`, 'm').exec(load(name).text)?.[1];
  if (alias?.startsWith('[]')) {
    // A named list is a message of its own, with the list as field 1.
    messages[full] = `@ 1 ${coded(alias, name)}`;
    return full;
  }
  if (alias !== undefined) return coded(alias, name);
  reach(full);
  return full;
}

function qualified(type: string, from: string): string {
  if (special[type] !== undefined || !/^[A-Z]|\./.test(type) || /^(\[|map\[)/.test(type)) return type;
  const [alias = '', short] = type.split('.');
  if (short === undefined) return `${from}.${type}`;
  const of = load(from).imports.get(alias) ?? alias;
  return `${of.replace(/^(pkg|api|util)\./, '')}.${short}`;
}

function split(type: string): { name: string; short: string } {
  const at = type.lastIndexOf('.');
  return { name: type.slice(0, at), short: type.slice(at + 1) };
}
