import { contains, exitCode, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { rules, toWorkload } from './shop.part.ts';

const TALKER = 'guest/talker';

export default scenario({
  title: 'A policy judges beginnings: what is established goes on',
  chapter: 'policy',
  source: 'the first rule of the chains of Figure 79: RELATED,ESTABLISHED',
  about: `The first rule of a pod's chain accepts packets of connections that conntrack knows as established, before any
policy is asked. So a connection that was allowed when it began outlives the policy that would forbid it.`,
  manifests: ['./namespaces.yaml'],
  pods: ['./talkers.yaml'],
  async story(s) {
    const found = await s.step('The address of the server', {
      on: KUBECTL,
      run: "get pod echo -n shop -o jsonpath='{.status.podIP}'",
      see: matches(/^192\.168\.104\.\d+$/),
    });
    const echo = found.stdout.trim();
    const chain = await toWorkload(s, 'shop/echo', 'worker1');
    await s.step('A connection of a moment', {
      on: TALKER,
      run: `echo hello | socat -t 5 - TCP:${echo}:7,connect-timeout=5`,
      see: matches(/^hello$/),
    });
    const talk = await s.background('and one that stays open; what is written into the pipe is said', {
      on: TALKER,
      run: `rm -f /tmp/pipe; mkfifo /tmp/pipe; exec socat - TCP:${echo}:7,connect-timeout=5 <>/tmp/pipe`,
    });
    await s.act('Say one', { on: TALKER, run: 'until [ -p /tmp/pipe ]; do :; done; echo one >/tmp/pipe' });
    await talk.sees('and hear it', matches(/^one$/));
    await s.step('worker1 knows the connection', {
      on: 'worker1',
      run: `conntrack -L -p tcp --orig-dst ${echo} --state ESTABLISHED`,
      see: matches(
        new RegExp(
          `ESTABLISHED src=192\\.168\\.8\\.\\d+ dst=${echo.replaceAll('.', '\\.')} .* dport=7 .*\\[ASSURED\\]`,
        ),
      ),
    });

    await s.apply('Shut the namespace', './default-deny.yaml');
    await rules(s, 'The chain: established first, then the policy', 'worker1', `iptables -S ${chain}`, [
      matches(
        /--ctstate RELATED,ESTABLISHED -j ACCEPT[\s\S]*-j cali-pi-[\s\S]*no policies passed packet.*-j DROP$/,
      ),
    ]);
    await s.step('Nobody new comes in', {
      on: TALKER,
      run: `echo hello | socat -t 5 - TCP:${echo}:7,connect-timeout=2`,
      see: [contains('timed out'), exitCode(1)],
    });
    await s.act('Say two, to the one that was in before', { on: TALKER, run: 'echo two >/tmp/pipe' });
    await talk.sees('and hear it', matches(/^two$/));

    await s.act('Let the node forget the connection', {
      on: 'worker1',
      run: `conntrack -D -p tcp --orig-dst ${echo} --dport 7`,
    });
    const capture = await s.capture('Listen on the node', {
      on: 'worker1',
      run: `tcpdump -n -i any tcp port 7 and host ${echo}`,
    });
    await s.act('Say three', { on: TALKER, run: 'echo three >/tmp/pipe' });
    await capture.sees('It arrives at the node, again and again (retransmissions)', [
      matches(/ In {2}IP [\s\S]* length 6[\s\S]* In {2}IP [\s\S]* length 6/),
    ]);
    await s.step('Without the memory each packet is a new beginning, and dropped', {
      on: 'worker1',
      run: `iptables -nvx -L ${chain} | grep 'no policies passed'`,
      see: matches(/^\s*[1-9]\d*\s+\d+ DROP /),
    });
  },
});
