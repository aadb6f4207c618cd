import { clientFromEnvironment, systemClock } from '../../../api/client/index.ts';
import { klog } from '../../../api/klog.ts';
import { LeaderElection } from '../../../api/leader-election/index.ts';
import { readNodeConfig } from '../../../api/node-config.ts';
import { ArpResponder } from '../arp/index.ts';
import { virtualAddress } from './address.ts';

// vip-manager: the virtual address of the API server, at one control-plane node at a time.
const log = klog('vip-manager');
const { cluster, self } = readNodeConfig();
const { apiAddress } = cluster.loadBalancer;
if (apiAddress === undefined) {
  log.error('The cluster has no virtual API address');
  process.exit(1);
}
const client = clientFromEnvironment('/etc/kubernetes/vip-manager.json', 'vip-manager');
const responder = new ArpResponder({
  onLine(line) {
    // Started anew: the neighbours may have been told half.
    if (line.kind === 'ready' && election.leads) void vip.add().catch(onError);
    if (line.kind === 'conflict') log.warn('Another station has the virtual address', { mac: line.mac });
  },
  onEnd: (reason) => log.warn('arp-responder ended, starting it again', { err: reason }),
});
const vip = virtualAddress(apiAddress, self.interface, responder);
const onError = (error: unknown) => log.warn('Failed, will retry', { err: error });
// kube-vip's times.
const election = new LeaderElection({
  client,
  clock: systemClock,
  identity: self.nodeName,
  namespace: 'kube-system',
  name: 'vip-manager',
  leaseSeconds: 5,
  renewDeadlineMs: 3_000,
  retryMs: 1_000,
  onLead: async () => {
    log.info('Became leader, adding the virtual address', { address: apiAddress, interface: self.interface });
    await vip.add();
  },
  onLost: async () => {
    log.info('Stopped leading, removing the virtual address', { address: apiAddress });
    await vip.remove();
  },
  onError,
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void election
      .stop()
      .catch(onError)
      .then(() => {
        responder.stop();
        process.exit(0);
      });
  });
}
responder.start();
// What a process before this one left behind when it was killed.
await vip.remove().catch(onError);
election.start();
