import { parseArgs } from 'node:util';
import { clientFromEnvironment } from '../../api/client/index.ts';
import { DnsServer } from './program/dns-server.ts';

// coredns: the cluster's DNS server, with CoreDNS's own flags as far as they are of use.
const { values } = parseArgs({
  options: {
    conf: { type: 'string', default: 'Corefile' },
    'dns.port': { type: 'string', default: '53' },
    // Not of CoreDNS: outside of a pod there is no service account.
    kubeconfig: { type: 'string' },
  },
  // Go's flags have one dash.
  args: process.argv.slice(2).map((word) => word.replace(/^-(?=[a-z]{2})/, '--')),
});

const write = (line: string) => void process.stdout.write(`${line}\n`);
const server = new DnsServer({
  conf: values.conf,
  port: Number(values['dns.port']),
  client: () => clientFromEnvironment(values.kubeconfig, 'coredns'),
  write,
});

let isStopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // The second time it is meant at once.
    if (isStopping) process.exit(1);
    isStopping = true;
    write(`[INFO] ${signal}: Shutting down servers then terminating`);
    void server.stop().then(() => process.exit(0));
  });
}
process.on('SIGUSR1', () => void server.reload());

try {
  await server.start();
} catch (error) {
  write((error as Error).message);
  process.exit(1);
}
