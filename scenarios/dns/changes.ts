import { equals, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const ON = 'default/toolbox-worker1';
/** Asks until the answer is there: no pause between questions, so the next one comes as soon as the last was answered. */
const until = (question: string, answer: string): string =>
  `timeout 10 sh -c 'until [ "$(dig +short ${question})" = "${answer}" ]; do asked=$((asked+1)); done; echo "after $((asked+0)) other answers"'`;

export default scenario({
  title: 'A name follows its service at once',
  chapter: 'dns',
  about: `CoreDNS watches the API, and does not keep answers about the cluster in its cache. So a service has its name
the moment it exists, loses it the moment it goes, and another address means another answer, even when somebody asked
just before and was told no.`,
  manifests: ['./changes-namespace.yaml'],
  async story(s) {
    const name = 'late.staging.svc.cluster.local';
    await s.step('There is no such name yet', {
      on: ON,
      run: `dig ${name}`,
      see: matches(/status: NXDOMAIN/),
    });
    await s.apply('The service is made', './changes-service.yaml');
    await s.step('and the name is there', {
      on: ON,
      run: until(name, '10.96.210.1'),
      see: matches(/^after \d+ other answers$/),
    });
    await s.act('Its address cannot be changed, so it is made anew', {
      on: KUBECTL,
      run: 'delete service late -n staging',
    });
    await s.step('Gone', {
      on: ON,
      run: until(name, ''),
      see: matches(/^after \d+ other answers$/),
    });
    await s.step('which is NXDOMAIN again', { on: ON, run: `dig ${name}`, see: matches(/status: NXDOMAIN/) });
    await s.act('Now without an address', {
      on: KUBECTL,
      run: 'create service clusterip late -n staging --clusterip=None',
    });
    await s.act('and with an endpoint of our own', {
      on: KUBECTL,
      run: 'apply -f -',
      stdin: slice('192.0.2.1'),
    });
    await s.step('The name is there, with that address', {
      on: ON,
      run: until(name, '192.0.2.1'),
      see: matches(/^after \d+ other answers$/),
    });
    await s.act('The endpoint moves', { on: KUBECTL, run: 'apply -f -', stdin: slice('192.0.2.2') });
    await s.step('and the name with it', {
      on: ON,
      run: until(name, '192.0.2.2'),
      see: matches(/^after \d+ other answers$/),
    });
    await s.step('Whichever CoreDNS pod is asked', {
      on: ON,
      run: `for i in $(seq 10); do dig +short ${name}; done | sort -u`,
      see: equals('192.0.2.2'),
    });
  },
});

function slice(address: string): string {
  return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: late-1, namespace: staging, labels: { kubernetes.io/service-name: late } }
addressType: IPv4
ports: []
endpoints: [{ addresses: [${address}] }]
`;
}
