import { contains, equals, exitCode, holds, matches, scenario } from '../../lab/scenario/index.ts';

/** 203.0.113.10 listens on no port but those of the lab; the story brings a server of its own. */
const SERVER = '203.0.113.10';

export default scenario({
  title: 'conntrack: list, watch, ask for one, delete',
  chapter: 'conntrack',
  source: '"How to Inspect Kubernetes Networking": inspecting conntrack connection tracking',
  about: `Whoever wants to know what a node has done to a connection asks conntrack. It lists the connections that the node
keeps in mind (-L), shows how they come and go (-E), picks those to one destination (-d), and deletes them (-D).`,
  async story(s) {
    await s.step('All connections that worker1 keeps in mind, and how many', {
      on: 'worker1',
      run: 'conntrack -L',
      see: [
        matches(
          /^tcp +6 \d+ ESTABLISHED src=\S+ dst=\S+ sport=\d+ dport=\d+ src=\S+ dst=\S+ sport=\d+ dport=\d+ \[ASSURED\] mark=0 use=1$/,
        ),
        matches(/^conntrack v1\.\d+\.\d+ \(conntrack-tools\): \d+ flow entries have been shown\.$/),
      ],
    });
    await s.step('The number alone; and as the kernel tells it', {
      on: 'worker1',
      run: 'conntrack -C; cat /proc/sys/net/netfilter/nf_conntrack_count',
      see: matches(/^\d+\n\d+$/),
    });

    await s.step('A pod asks the API server by the first service of every cluster, 10.96.0.1', {
      on: 'default/toolbox-worker1',
      run: "curl -sk -o /dev/null -w '%{http_code}' https://10.96.0.1/version",
      see: matches(/^[24]\d\d$/),
    });
    await s.step(
      '-d: what was sent to that address. Port 443 of the service is port 6443 of the control plane',
      {
        on: 'worker1',
        run: 'conntrack -L -d 10.96.0.1',
        see: [
          matches(
            /^tcp +6 \d+ [A-Z_]+ src=192\.168\.104\.120 dst=10\.96\.0\.1 sport=\d+ dport=443 src=10\.1\.110\.108 dst=10\.1\.110\.102 sport=6443 dport=\d+ \[ASSURED\] mark=0 use=1$/,
          ),
          holds('nothing that was sent elsewhere', ({ stdout }) =>
            stdout
              .trim()
              .split('\n')
              .every((line) => / dst=(\S+)/.exec(line)?.[1] === '10.96.0.1'),
          ),
        ],
      },
    );
    s.note(
      'The answer is for 10.1.110.102, the node: the control plane is outside the pod network, so Calico has worker1 lend its address (natOutgoing).',
    );

    const events = await s.background('-E: watch connections come and go', {
      on: 'worker1',
      // The marker is in place of a first line: conntrack says nothing until something happens.
      run: `echo watching; conntrack -E -d ${SERVER}`,
      ready: /watching/,
    });
    const server = await s.background('A server in the internet', {
      on: 'internet',
      run: 'socat -dd TCP-LISTEN:7777,reuseaddr EXEC:cat',
      ready: /listening on/,
    });
    await s.step('A pod says something to it', {
      on: 'default/toolbox-worker1',
      run: `echo hello | nc -N -w 5 ${SERVER} 7777`,
      see: equals('hello'),
    });
    const line = (event: string, rest: string) =>
      matches(
        new RegExp(
          `^ *\\[${event}\\] tcp +6 ${rest}.*src=192\\.168\\.104\\.120 dst=203\\.0\\.113\\.10 sport=\\d+ dport=7777 `,
        ),
        `[${event}] ${rest}`,
      );
    await events.sees('The life of a connection', [
      line('NEW', '120 SYN_SENT '),
      line('UPDATE', '60 SYN_RECV '),
      line('UPDATE', '86400 ESTABLISHED '),
      line('UPDATE', '120 FIN_WAIT '),
      line('UPDATE', '30 LAST_ACK '),
      line('UPDATE', '120 TIME_WAIT '),
      holds('until the answer came it was [UNREPLIED], then it was [ASSURED]', ({ stdout }) => {
        const [first = '', ...more] = stdout.split('\n').filter((text) => text.includes('dport=7777'));
        return first.includes('[UNREPLIED]') && more.some((text) => text.includes('[ASSURED]'));
      }),
    ]);
    await server.sees('The server saw one visitor', contains('accepting connection'));
    await s.step('-D: delete it. The next packet of this connection would be a stranger', {
      on: 'worker1',
      run: `conntrack -D -p tcp -s 192.168.104.120 -d ${SERVER} --dport 7777`,
      see: [contains('dport=7777'), contains('1 flow entries have been deleted.')],
    });
    await events.sees('which is an event, too', line('DESTROY', ''));
    await s.step('Now there is none', {
      on: 'worker1',
      run: `conntrack -L -d ${SERVER}`,
      see: [equals(''), contains(': 0 flow entries have been shown.')],
    });
    await s.step('To delete what is not there is an error', {
      on: 'worker1',
      run: `conntrack -D -d ${SERVER}`,
      see: [contains('0 flow entries have been deleted.'), exitCode(1)],
    });
  },
});
