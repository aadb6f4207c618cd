import {
  contains,
  equals,
  exitCode,
  holds,
  KUBECTL,
  matches,
  not,
  scenario,
} from '../../lab/scenario/index.ts';
import { rules } from './shop.part.ts';

const ON = 'shop/buyer';
const NAME = 'kubernetes.default.svc.cluster.local';

export default scenario({
  title: 'Egress: what a pod may ask, beginning with names',
  chapter: 'policy',
  source: 'Network Policies in the Kubernetes documentation: policy types, and DNS',
  about: `A pod that is isolated for egress does not even find out addresses: its questions to kube-dns are egress, too.
Policies look at a packet behind the translation of services (Felix's chains are in the table filter, after nat), so they
must allow pods; the address of a service never gets there.`,
  manifests: ['./namespaces.yaml', './backend-service.yaml'],
  pods: ['./pods.yaml', './egress-pods.yaml'],
  async story(s) {
    const answers = (sentence: string) =>
      s.step(sentence, {
        on: ON,
        run: 'curl -s --max-time 10 http://backend/',
        see: matches(/^backend \(192\.168\.104\.\d+\) sees 192\.168\.104\.\d+$/),
      });
    const fails = (sentence: string, host: string, code: number) =>
      s.step(sentence, {
        on: ON,
        run: `curl -s --max-time 3 http://${host}/`,
        see: [equals(''), exitCode(code)],
      });
    await s.step('By the name of a service', {
      on: ON,
      run: 'curl -s --max-time 10 --retry 10 --retry-connrefused http://backend/',
      see: matches(/^backend \(192\.168\.104\.\d+\) sees /),
    });
    const cable = await s.step('The cable of the pod', {
      on: 'worker1',
      run: 'printf shop.buyer | sha1sum | cut -c 1-11',
      see: matches(/^[0-9a-f]{11}$/),
    });
    const from = `cali-fw-cali${cable.stdout.trim()}`;
    const policies = (count: number) =>
      holds(`${count} policies`, ({ stdout }) => {
        const found = stdout.split('\n').filter((line) => line.includes('-j cali-po-')).length;
        return found === count || `${found}`;
      });

    await s.apply('Isolate it, and allow nothing', './egress-deny.yaml');
    await rules(
      s,
      'Packets from the pod now meet a policy (po: outbound)',
      'worker1',
      `iptables -S ${from}`,
      [policies(1), contains('Drop if no policies passed packet')],
    );
    await s.step('No name, and so no address', {
      on: ON,
      run: `dig +tries=1 +timeout=1 ${NAME}`,
      see: [contains('timed out'), exitCode(9)],
    });
    await fails('And knowing an address is of no use', '192.168.8.250', 28);
    const address = await s.step('The address of the pod itself', {
      on: KUBECTL,
      run: "get pod buyer -n shop -o jsonpath='{.status.podIP}'",
      see: matches(/^192\.168\.104\.\d+$/),
    });
    await s.step('Into the pod everything still comes, and the replies belong to that', {
      on: 'default/toolbox-worker2',
      run: `ping -c 1 -W 5 ${address.stdout.trim()}`,
      see: contains(' 0% packet loss'),
    });

    await s.apply('Allow questions to the DNS pods', './egress-dns.yaml');
    await rules(s, 'One policy more', 'worker1', `iptables -S ${from}`, policies(2));
    await s.step('Names are found again, over UDP and TCP', {
      on: ON,
      run: `dig +short ${NAME}; dig +tcp +short ${NAME}`,
      see: equals('10.96.0.1\n10.96.0.1'),
    });
    await fails('but nothing comes of it', 'backend', 28);

    await s.apply('Allow the addresses of all services', './egress-service-address.yaml');
    await rules(
      s,
      'The rule is there',
      'worker1',
      'iptables -S | grep -- "-A cali-po-"',
      contains('-d 10.96.0.0/16 '),
    );
    await fails('and never sees one of them: they are translated before', 'backend', 28);
    await s.remove('That was no help', './egress-service-address.yaml');

    await s.apply('Allow the pods behind it, and a network outside', './egress-backend.yaml');
    await rules(s, 'The rules of that policy', 'worker1', 'iptables -S | grep -- "-A cali-po-"', [
      contains('-d 203.0.113.0/24 '),
      not(contains('10.96.0.0/16')),
      matches(/-p tcp .*--match-set cali40n:\S+ dst,dst /),
    ]);
    await answers('The backend answers, by the name of its service');
    await s.step('The network outside is reached', {
      on: ON,
      run: 'ping -c 1 -W 5 www.example.com',
      see: [contains('203.0.113.10'), contains(' 0% packet loss')],
    });
    await fails('Another pod is not', '192.168.8.250', 28);
  },
});
