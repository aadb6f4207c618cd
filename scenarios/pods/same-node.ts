import { contains, exitCode, matches, not, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Two pods on one node: the node is a router between two cables',
  chapter: 'pods',
  figures: ['11', '77'],
  about: `toolbox-worker2 (192.168.8.240) and frontend-2 (192.168.8.250) are both on worker2. There is no bridge between
their cables: the node routes. So the packet crosses two cali interfaces and no tunnel, and its TTL drops by one.`,
  async story(s) {
    const route = async (ip: string) => {
      const seen = await s.step(`worker2 has a route into the cable of ${ip}`, {
        on: 'worker2',
        run: `ip route show ${ip}`,
        see: matches(new RegExp(`^${ip} dev cali[0-9a-f]{11} scope link`)),
      });
      return seen.pick(/dev (cali[0-9a-f]{11})/);
    };
    const from = await route('192.168.8.240');
    const to = await route('192.168.8.250');

    const capture = await s.capture(
      'Listen on all interfaces of the node at once, for the packet itself and for tunnelled ones (IP protocol 4)',
      { on: 'worker2', run: "tcpdump -n -v -i any 'icmp or proto 4'" },
    );
    await s.step('The answer comes with TTL 63: it left with 64, and one router was on the way', {
      on: 'default/toolbox-worker2',
      run: 'ping -c 1 -W 5 192.168.8.250',
      see: [matches(/64 bytes from 192\.168\.8\.250: icmp_seq=1 ttl=63 /), contains(' 0% packet loss')],
    });
    const packet = (name: string, way: 'In ' | 'Out', ttl: number, text: string): RegExp =>
      new RegExp(`${name} ${way} IP \\(tos 0x0, ttl ${ttl}, .*\\n\\s+${text}`);
    const request = '192\\.168\\.8\\.240 > 192\\.168\\.8\\.250: ICMP echo request';
    const reply = '192\\.168\\.8\\.250 > 192\\.168\\.8\\.240: ICMP echo reply';
    await capture.sees(
      'In by one cable with TTL 64, out by the other with 63, and back; never tunl0, never ens192',
      [
        matches(packet(from, 'In ', 64, request)),
        matches(packet(to, 'Out', 63, request)),
        matches(packet(to, 'In ', 64, reply)),
        matches(packet(from, 'Out', 63, reply)),
        not(contains(' tunl0 ')),
        not(contains(' ens192 ')),
      ],
    );
    await s.step('With a TTL of 1 the packet gets no further than the node, which says so', {
      on: 'default/toolbox-worker2',
      run: 'ping -c 1 -W 5 -t 1 192.168.8.250',
      see: [matches(/^From \S+ icmp_seq=1 Time to live exceeded/), exitCode(1)],
    });
  },
});
