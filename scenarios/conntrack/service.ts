import {
  contains,
  equals,
  exitCode,
  KUBECTL,
  matches,
  not,
  rows,
  scenario,
} from '../../lab/scenario/index.ts';

const literal = (text: string): string => text.replaceAll('.', '\\.');

interface Tuple {
  readonly src: string;
  readonly dst: string;
}

/** A line as in Figure 105: what was asked, and what the answer looks like. The port of the client is its own or another. */
const entry = (port: number | string, asked: Tuple, answer: Tuple, replyPort: string) =>
  matches(
    new RegExp(
      `^tcp +6 \\d+ [A-Z_]+ src=${literal(asked.src)} dst=${literal(asked.dst)} sport=${port} dport=3306 src=${literal(answer.src)} dst=${literal(answer.dst)} sport=3306 dport=${replyPort} \\[ASSURED\\] mark=0 use=1$`,
    ),
    `${asked.src} asked ${asked.dst}; ${answer.src} answers ${answer.dst}`,
  );

export default scenario({
  title: 'A connection has two tuples: pod, service, pod',
  chapter: 'conntrack',
  figures: ['105'],
  about: `The rules of a service see only the first packet of a connection. What they did is kept in a line of conntrack:
first the addresses and ports as they were asked, then those that the answer is expected to have. All other packets are
translated by that line, on the node where the connection began and nowhere else.`,
  manifests: ['./service.yaml'],
  pods: ['./service-pods.yaml'],
  async story(s) {
    const service = await s.step('The service', {
      on: KUBECTL,
      run: 'get service ledger',
      see: rows({ NAME: 'ledger', TYPE: 'ClusterIP', 'CLUSTER-IP': /^10\.96\.\d+\.\d+$/ }),
    });
    const address = service.pick(/ (10\.96\.\d+\.\d+) /);
    const endpoints = await s.step('and its only pod, on worker2', {
      on: KUBECTL,
      run: 'get endpoints ledger',
      see: matches(/^ledger +192\.168\.8\.\d+:3306 /),
      within: 15_000,
      until: { watch: 'get endpoints -w' },
    });
    const pod = endpoints.pick(/ (192\.168\.8\.\d+):3306/);
    for (const node of ['worker1', 'worker2']) {
      await s.step(`${node} has rules for it`, {
        on: node,
        run: 'iptables -t nat -S',
        see: contains(`--to-destination ${pod}:3306`),
        within: 10_000,
        until: { watch: 'xtables-monitor --event' },
      });
    }

    const ask = (port: number) => `echo entry | nc -N -w 5 -p ${port} ${address} 3306`;
    await s.step('A pod on the same node asks the service', {
      on: 'default/toolbox-worker2',
      run: ask(33468),
      see: equals('entry'),
    });
    await s.step(
      'Figure 105: it asked the service, the pod answers. Nothing happened to the one that asked',
      {
        on: 'worker2',
        run: 'conntrack -L -p tcp --dport 3306',
        see: [
          entry(33468, { src: '192.168.8.240', dst: address }, { src: pod, dst: '192.168.8.240' }, '33468'),
          matches(/flow entries have been shown\.$/),
        ],
      },
    );

    await s.step('A pod on the other node asks the same', {
      on: 'default/toolbox-worker1',
      run: ask(33469),
      see: equals('entry'),
    });
    await s.step('Its own node, worker1, has translated', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --sport 33469',
      see: entry(
        33469,
        { src: '192.168.104.120', dst: address },
        { src: pod, dst: '192.168.104.120' },
        '33469',
      ),
    });
    await s.step('worker2 has a line as well, and does not know of a service: one pod talks to another', {
      on: 'worker2',
      run: 'conntrack -L -p tcp --sport 33469',
      see: [
        entry(33469, { src: '192.168.104.120', dst: pod }, { src: pod, dst: '192.168.104.120' }, '33469'),
        not(contains(address)),
      ],
    });

    s.note(
      'A node is no pod: its address is not of the pod network, and a packet with it would be answered past the tunnel. So a node that asks a service is translated twice.',
    );
    const asNode = `bash -c 'exec 3<>/dev/tcp/${address}/3306; echo entry >&3; read -r line <&3; echo $line'`;
    await s.step('worker1 itself asks', { on: 'worker1', run: asNode, see: equals('entry') });
    await s.step('It lent the address of tunl0, and another port: the answer is for 192.168.104.64', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --dport 3306 -s 10.1.110.102',
      see: entry('\\d+', { src: '10.1.110.102', dst: address }, { src: pod, dst: '192.168.104.64' }, '\\d+'),
    });
    await s.step('worker2 itself asks', { on: 'worker2', run: asNode, see: equals('entry') });
    await s.step('The pod is at home: the answer is for the address of the node', {
      on: 'worker2',
      run: 'conntrack -L -p tcp --dport 3306 -s 10.1.110.107',
      see: entry('\\d+', { src: '10.1.110.107', dst: address }, { src: pod, dst: '10.1.110.107' }, '\\d+'),
    });

    s.note('The line is all that holds a connection together. What if somebody deletes it?');
    await s.step('On worker1: the line is printed once more, and gone', {
      on: 'worker1',
      run: `conntrack -D -p tcp --sport 33469 -d ${address}`,
      see: [contains(`dst=${address} sport=33469`), contains('1 flow entries have been deleted.')],
    });
    await s.step('A second time there is nothing to delete', {
      on: 'worker1',
      run: `conntrack -D -p tcp --sport 33469 -d ${address}`,
      see: [contains('0 flow entries have been deleted.'), exitCode(1)],
    });
  },
});
