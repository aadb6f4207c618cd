import { existsSync, readFileSync } from 'node:fs';
import { CLUSTER_CONFIG_PATH, type ClusterConfig } from '../../api/cluster.ts';
import { KINDS } from '../kinds/index.ts';
import { readTokens } from './auth.ts';
import { type Flags, parseFlags, parsePortRange, parseSeconds } from './flags.ts';
import { klog } from './log.ts';
import { startApiServer } from './start.ts';

const log = klog();

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), process.env);
  const cluster = readCluster();
  const advertised =
    flags['advertise-address'] || cluster?.nodes.find(({ role }) => role === 'control-plane')?.address;
  const tokens = readTokens(flags['token-auth-file']);
  const server = await startApiServer({
    kinds: KINDS,
    cert: readFileSync(flags['tls-cert-file']),
    key: readFileSync(flags['tls-private-key-file']),
    tokens,
    dataDir: flags['data-dir'],
    bindAddress: flags['bind-address'],
    securePort: Number(flags['secure-port']),
    ...(advertised && { advertiseAddress: advertised }),
    serviceCIDR: flags['service-cluster-ip-range'] || cluster?.serviceCIDR || '10.96.0.0/16',
    podCIDR: flags['cluster-cidr'] || cluster?.podCIDR || '192.168.0.0/16',
    notReadyTolerationSeconds: parseSeconds(flags, 'default-not-ready-toleration-seconds'),
    unreachableTolerationSeconds: parseSeconds(flags, 'default-unreachable-toleration-seconds'),
    ...(flags['service-account-signing-key-file'] !== '' && {
      signingKeyFile: flags['service-account-signing-key-file'],
    }),
    nodePortRange: parsePortRange(flags['service-node-port-range']),
    kubelet: {
      ...(existsSync(flags['kubelet-ca']) && { ca: readFileSync(flags['kubelet-ca'], 'utf8') }),
      token: kubeletToken(flags, tokens),
    },
    log,
  });
  const stop = (signal: string): void => {
    log('I', `${signal}: shutting down`);
    server.close().then(
      () => process.exit(0),
      (error: Error) => {
        log('E', `shutting down: ${error.message}`);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
}

/** `--kubelet-token`, or the token of the user `kube-apiserver`. */
function kubeletToken(flags: Flags, tokens: ReturnType<typeof readTokens>): string {
  return flags['kubelet-token'] || tokens.find(({ user }) => user === 'kube-apiserver')?.token || '';
}

function readCluster(): ClusterConfig | undefined {
  if (!existsSync(CLUSTER_CONFIG_PATH)) return undefined;
  return JSON.parse(readFileSync(CLUSTER_CONFIG_PATH, 'utf8')) as ClusterConfig;
}

main().catch((error: Error) => {
  log('E', error.stack ?? error.message);
  process.exit(1);
});
