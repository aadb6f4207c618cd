import { contains, exitCode, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, outsideAddress } from './controllers.part.ts';

const NAME = 'essential-nginx-ingress-ingress-nginx-controller';
const TOOLBOX = '192.168.104.120';

export default scenario({
  title: 'Whoever asks: the last hop is the controller',
  chapter: 'ingress',
  source:
    '"Azure Kubernetes Service (AKS) Networking Deep Dive", part 2: Pod Ingress Communication, from a pod, a node and outside',
  about: `There are three ways to the ingress controller: a pod knows its service's name, a node the service's address, the
world the load balancer's. From there on all is the same: nginx makes a connection of its own to a pod. conntrack knows them
all, the client's and nginx's.`,
  manifests: ['../../apps/hello/hello.yaml'],
  async story(s) {
    for (const name of ['aks-hello-world-one', 'aks-hello-world-two']) {
      await s.act(`${name} runs`, {
        on: KUBECTL,
        run: `-n ingress-nginx rollout status deployment/${name} --timeout=60s`,
        timeoutMs: 70_000,
      });
    }
    await s.apply('Without a path it is the first service', '../../apps/hello/ingress.yaml');
    const pods = await controllers(s);
    const anyController = `(${pods.join('|').replaceAll('.', '\\.')})`;
    await everyController(s, 'All of them serve it', pods, [{ path: '/' }], '200');
    const pod = await s.step('The one pod of the first service', {
      on: KUBECTL,
      run: '-n ingress-nginx get pods -l app=aks-hello-world-one -o wide',
      see: matches(/ 1\/1 +Running .* 192\.168\.\d+\.\d+ /),
    });
    const hello = pod.pick(/ (192\.168\.\d+\.\d+) /);
    const nodes = s.topology.nodes;
    const helloNode = nodes.find(({ nodeName }) => pod.stdout.includes(nodeName))?.name ?? '';
    const literal = (address: string) => address.replaceAll('.', '\\.');

    const forget = () =>
      s.act('Forget earlier connections to that pod', {
        on: helloNode,
        run: `conntrack -D -p tcp -d ${hello} --dport 80 2>&1 || true`,
      });
    const answer = [
      contains('<h1>Welcome to the first service</h1>'),
      matches(
        new RegExp(`Served by aks-hello-world-one-\\S+ to ${anyController}\\.`),
        'asked by a controller',
      ),
    ];
    const lastHop = (client: string) =>
      s.step(`The connection to the pod comes from the controller, not from ${client}`, {
        on: helloNode,
        run: `conntrack -L -p tcp -d ${hello} --dport 80`,
        see: [
          matches(new RegExp(`src=${anyController} dst=${literal(hello)} sport=\\d+ dport=80 `)),
          not(contains(`src=${client} `)),
        ],
      });

    await forget();
    const resolved = await s.step('From a pod: the name of the service has an address', {
      on: 'default/toolbox-worker1',
      run: `getent hosts ${NAME}.iks`,
      see: matches(
        /^10\.96\.\d+\.\d+ +essential-nginx-ingress-ingress-nginx-controller\.iks\.svc\.cluster\.local$/,
      ),
    });
    const clusterIP = resolved.pick(/^(\S+)/);
    await s.step('and an answer', {
      on: 'default/toolbox-worker1',
      run: `curl -s --max-time 5 http://${NAME}.iks/`,
      see: answer,
    });
    await s.step("Its node's conntrack: the service's address, translated to a controller's", {
      on: 'worker1',
      run: `conntrack -L -p tcp -s ${TOOLBOX} -d ${clusterIP}`,
      see: matches(
        new RegExp(
          `src=${literal(TOOLBOX)} dst=${literal(clusterIP)} sport=\\d+ dport=80 src=${anyController} dst=${literal(TOOLBOX)} sport=80 `,
        ),
      ),
    });
    await lastHop(TOOLBOX);

    await forget();
    const node = nodes.find(({ name }) => name === 'worker1')?.interface.address ?? '';
    await s.step('From a node: the DNS server of the nodes does not know the name', {
      on: 'worker1',
      run: `getent hosts ${NAME}.iks.svc.cluster.local`,
      see: exitCode(2),
    });
    await s.step('but the address does as well', {
      on: 'worker1',
      run: `curl -s --max-time 5 http://${clusterIP}/`,
      see: answer,
    });
    await s.step('In conntrack it is the node that asks', {
      on: 'worker1',
      run: `conntrack -L -p tcp -s ${node} -d ${clusterIP}`,
      see: matches(
        new RegExp(
          `src=${literal(node)} dst=${literal(clusterIP)} sport=\\d+ dport=80 src=${anyController} dst=\\S+ sport=80 `,
        ),
      ),
    });
    await lastHop(node);

    await forget();
    const address = await outsideAddress(s, "From outside: the load balancer's address");
    await s.step('The client has the same answer', {
      on: 'client',
      run: `curl -s --max-time 5 http://${address}/`,
      see: answer,
    });
    const client = s.topology.hosts.client?.interface.address ?? '';
    const neighbour = await s.step('Which node has taken it? The router has its hardware address', {
      on: 'router',
      run: `ip neigh show to ${address}`,
      see: matches(/lladdr [0-9a-f:]{17} /),
    });
    const mac = neighbour.pick(/lladdr ([0-9a-f:]{17}) /);
    let entrance = '';
    for (const { name, interface: card } of nodes) {
      const own = await s.act(`That of ${name}`, {
        on: name,
        run: `cat /sys/class/net/${card.name}/address`,
      });
      if (own.stdout.trim() === mac) entrance = name;
    }
    await s.step("That node's conntrack: from the client to the address, translated to a controller's", {
      on: entrance,
      run: `conntrack -L -p tcp -s ${client} -d ${address}`,
      see: matches(
        new RegExp(
          `src=${literal(client)} dst=${literal(address)} sport=\\d+ dport=80 src=${anyController} dst=\\S+ sport=80 `,
        ),
      ),
    });
    await lastHop(client);
    await s.step('Another path, another service, and again a controller asks', {
      on: 'client',
      run: `curl -s --max-time 5 http://${address}/hello-world-two`,
      see: [
        contains('<h1>Welcome to the second service</h1>'),
        matches(
          new RegExp(`Served by aks-hello-world-two-\\S+ to ${anyController}\\.`),
          'asked by a controller',
        ),
      ],
    });
  },
});
