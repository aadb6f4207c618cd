import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { issue, makeAuthority } from '../../lab/lifecycle/pki/certificates.ts';
import { NodeContainer } from './node-container.ts';

const TOKENS = [
  { token: 'admin-token', user: 'admin', uid: 'admin', groups: ['system:masters'] },
  { token: 'kubelet-token', user: 'system:node:controlpl1', uid: 'k', groups: ['system:nodes'] },
  { token: 'apiserver-token', user: 'kube-apiserver', uid: 'a', groups: ['system:masters'] },
];

/** The API server as it runs in the lab: a static pod of the node image, on the node's own network. */
const APISERVER = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system, labels: {component: kube-apiserver, tier: control-plane}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 5
  containers:
  - name: kube-apiserver
    image: hoplab/node
    command: [node, /srv/apiserver/main.mjs]
    volumeMounts:
    - {name: program, mountPath: /srv/apiserver}
    - {name: kubernetes, mountPath: /etc/kubernetes, readOnly: true}
    - {name: cluster, mountPath: /etc/hoplab, readOnly: true}
    - {name: data, mountPath: /var/lib/apiserver}
  volumes:
  - {name: program, hostPath: {path: /srv/apiserver}}
  - {name: kubernetes, hostPath: {path: /etc/kubernetes}}
  - {name: cluster, hostPath: {path: /etc/hoplab}}
  - {name: data, hostPath: {path: /var/lib/apiserver}}
`;

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443", certificate-authority: /etc/kubernetes/pki/ca.crt}}]
users: [{name: u, user: {token: admin-token}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;

/** One node that is a whole cluster: kubelet, and the lab's API server as its static pod. No other controllers. */
export class ApiNode extends NodeContainer {
  readonly #files: string;
  readonly nodeName = 'controlpl1';

  constructor(name: string) {
    super(name);
    this.#files = mkdtempSync(join(tmpdir(), `${name}-files-`));
  }

  /** Starts the node. @param conflist its CNI configuration */
  async startCluster(conflist: string): Promise<void> {
    const program = join(this.#files, 'apiserver');
    await build({
      entryPoints: ['lab/control-plane/apiserver/main.ts'],
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      external: ['lmdb'],
      banner: {
        js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);",
      },
      outfile: join(program, 'main.mjs'),
    });
    const modules = realpathSync('node_modules');
    await this.start(
      ['-v', `${program}:/srv/apiserver`, '-v', `${modules}:/srv/apiserver/node_modules:ro`],
      'until [ -e /etc/kubernetes/complete ]; do sleep 0.05; done',
    );
    const address = (
      await this.docker(
        'inspect',
        '-f',
        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
        this.name,
      )
    ).trim();
    await this.#writeFiles(address);
    await this.docker('cp', `${join(this.#files, 'etc')}/.`, `${this.name}:/etc`);
    await this.out('mkdir -p /etc/cni/net.d; cat > /etc/cni/net.d/10-lab.conflist', conflist);
    await this.out('touch /etc/kubernetes/complete');
    await this.until('pod("kube-apiserver-controlpl1").phase === "Running"', 60_000);
    await this.kubectl('get --raw /readyz', 100);
  }

  async #writeFiles(address: string): Promise<void> {
    const pki = join(this.#files, 'etc/kubernetes/pki');
    mkdirSync(pki, { recursive: true });
    mkdirSync(join(this.#files, 'etc/hoplab'), { recursive: true });
    mkdirSync(join(this.#files, 'etc/kubernetes/manifests'), { recursive: true });
    const write = (path: string, content: unknown) =>
      writeFileSync(
        join(this.#files, 'etc', path),
        typeof content === 'string' ? content : JSON.stringify(content),
      );
    const authority = await makeAuthority('lab');
    write('kubernetes/pki/ca.crt', authority.cert);
    for (const name of ['apiserver', 'kubelet']) {
      const pair = await issue(authority, { name, dns: ['localhost'], ips: ['127.0.0.1', address] });
      write(`kubernetes/pki/${name}.crt`, pair.cert);
      write(`kubernetes/pki/${name}.key`, pair.key);
    }
    write('kubernetes/pki/tokens.json', TOKENS);
    write('kubernetes/kubelet.json', {
      server: `https://${address}:6443`,
      token: 'kubelet-token',
      caFile: '/etc/kubernetes/pki/ca.crt',
      heartbeatSeconds: 1,
    });
    write('kubernetes/admin.conf', KUBECONFIG);
    write('kubernetes/manifests/kube-apiserver.yaml', APISERVER);
    write('hoplab/cluster.json', {
      lab: 'test',
      podCIDR: '10.88.0.0/16',
      blockSize: 26,
      serviceCIDR: '10.96.0.0/16',
      clusterDNS: '10.96.0.10',
      clusterDomain: 'cluster.local',
      nodes: [
        {
          name: 'worker1',
          nodeName: this.nodeName,
          role: 'control-plane',
          address,
          prefixLength: 16,
          interface: 'eth0',
        },
      ],
    });
  }

  /** Runs the real kubectl in the node. @param tries repeats a command that fails, 100 ms apart @returns stdout */
  async kubectl(command: string, tries = 1, input?: string): Promise<string> {
    const script = `export KUBECONFIG=/etc/kubernetes/admin.conf; for i in $(seq ${tries - 1}); do kubectl ${command} 2>/dev/null && exit; sleep 0.1; done; kubectl ${command}`;
    return this.out(script, input);
  }

  /** Creates objects of a manifest; those that an earlier try of a test made go first. */
  async apply(manifest: string): Promise<void> {
    await this.kubectl('delete --ignore-not-found --wait --timeout=20s -f -', 1, manifest);
    await this.kubectl('create --validate=false -f -', 1, manifest);
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    rmSync(this.#files, { recursive: true, force: true });
  }
}
