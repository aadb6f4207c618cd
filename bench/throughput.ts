import {
  capture,
  createContainer,
  type Engine,
  objectName,
  removeContainer,
  startContainer,
} from '../lab/engine/index.ts';

const SECONDS = 2;

interface Iperf {
  readonly end: { readonly sum_received: { readonly bits_per_second: number } };
}

/** Gbit/s of one TCP connection, as the receiver counts them. */
async function iperf(engine: Engine, container: string, argv: readonly string[]): Promise<number> {
  const { stdout, stderr, code } = await capture(engine, container, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}: ${stderr}${stdout}`);
  return (JSON.parse(stdout) as Iperf).end.sum_received.bits_per_second / 1e9;
}

const client = (address: string) => ['iperf3', '-J', '-t', String(SECONDS), '-c', address];

/** From a pod to an address: `nodectl exec` in the pod's node. */
export function fromPod(engine: Engine, lab: string, node: string, pod: string, to: string): Promise<number> {
  return iperf(engine, objectName(lab, node), ['nodectl', 'exec', `default/${pod}`, '--', ...client(to)]);
}

/** Between two bare hosts on the nodes' wire: what the bridge itself carries. */
export async function overBridge(engine: Engine, lab: string, from: string, to: string, address: string) {
  await capture(engine, objectName(lab, to), ['iperf3', '-s', '-D']);
  return iperf(engine, objectName(lab, from), client(address));
}

/** Between two network namespaces joined by a veth pair, in a container of its own: the plainest path there is. */
export async function overVeth(engine: Engine, lab: string, image: string): Promise<number> {
  const id = await createContainer(engine, {
    lab,
    name: 'veth-baseline',
    role: 'host',
    image,
    networks: [],
    capAdd: ['NET_ADMIN', 'SYS_ADMIN'],
    entrypoint: ['sleep'],
    command: ['infinity'],
    stopTimeout: 0,
  });
  try {
    await startContainer(engine, id);
    const script = `set -e
ip link add veth1 type veth peer name veth2
for ns in one two; do ip netns add $ns; done
ip link set veth1 netns one; ip link set veth2 netns two
ip -n one addr add 192.0.2.1/24 dev veth1; ip -n one link set veth1 up
ip -n two addr add 192.0.2.2/24 dev veth2; ip -n two link set veth2 up
ip netns exec two iperf3 -s -D
exec ip netns exec one iperf3 -J -t ${SECONDS} -c 192.0.2.2`;
    return await iperf(engine, id, ['/bin/sh', '-c', script]);
  } finally {
    await removeContainer(engine, id);
  }
}
