import { describe, expect, it } from 'vitest';
import { fragments, policyChain, ruleTags } from '../rules/index.ts';
import type { NetworkPolicy } from './network-policy.ts';
import { convertPolicy } from './policy.ts';

function convert(spec: NetworkPolicy['spec'], name = 'p', namespace = 'default') {
  const problems: string[] = [];
  const policy = convertPolicy({ metadata: { name, namespace }, ...(spec ? { spec } : {}) }, (problem) =>
    problems.push(problem),
  );
  const chain = (direction: 'ingress' | 'egress') =>
    policyChain(direction === 'ingress' ? 'cali-pi-' : 'cali-po-', {
      id: policy.id,
      rules: policy[direction],
    });
  const lines = (direction: 'ingress' | 'egress') => chain(direction).rules.map(fragments);
  return { policy, problems, chain, lines };
}

const ACCEPT = '--jump MARK --set-mark 0x10000/0x10000';
const RETURN = '-m mark --mark 0x10000/0x10000 --jump RETURN';

describe('chains of real clusters', () => {
  it('one label', () => {
    const { chain } = convert(
      {
        podSelector: { matchLabels: { app: 'db' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { 'networking/allow-db-access': 'true' } } }] }],
      },
      'allow-db-access',
    );
    expect(chain('ingress').name).toBe('cali-pi-_tTE-E7yY40ogArNVgKt');
    expect(ruleTags(chain('ingress'))).toEqual(['M4Und37HGrw6jUk8', 'sEnlfZagUFRSPRoe']);
  });

  it('another', () => {
    const { chain } = convert(
      { ingress: [{ from: [{ podSelector: { matchLabels: { run: 'access' } } }] }] },
      'access-nginx',
      'alpha',
    );
    expect(chain('ingress').name).toBe('cali-pi-_e8MLrhOHDfNlfSa51Ak');
    expect(ruleTags(chain('ingress'))).toEqual(['sEcu68UJEL6S4gUe', 'ylM9819c6tRAOxVz']);
  });
});

describe('types', () => {
  it.each([
    [undefined, { ingress: true, egress: false }],
    [[], { ingress: true, egress: false }],
    [['Ingress'], { ingress: true, egress: false }],
    [['Egress'], { ingress: false, egress: true }],
    [['Ingress', 'Egress'], { ingress: true, egress: true }],
  ])('%j', (policyTypes, types) => {
    expect(convert({ ...(policyTypes ? { policyTypes } : {}) }).policy.types).toEqual(types);
  });

  it('denies by default with an empty chain', () => {
    expect(convert({ podSelector: {} }).lines('ingress')).toEqual([]);
  });
});

it('without types isolates as the API would have filled them in', () => {
  expect(convert({ egress: [{}] }).policy.types).toEqual({ ingress: true, egress: true });
});

describe('ports', () => {
  it('come by protocol, merged, before peers', () => {
    const { lines } = convert({
      ingress: [
        {
          from: [{ ipBlock: { cidr: '10.0.0.0/8' } }, { ipBlock: { cidr: '11.1.2.3/24' } }],
          ports: [
            { port: 81 },
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 80 },
            { port: 8000, endPort: 8080 },
          ],
        },
      ],
    });
    const tcp = '-m multiport --destination-ports 80:81,8000:8080';
    expect(lines('ingress')).toEqual([
      `-p tcp --source 10.0.0.0/8 ${tcp} ${ACCEPT}`,
      RETURN,
      `-p tcp --source 11.1.2.0/24 ${tcp} ${ACCEPT}`,
      RETURN,
      `-p udp --source 10.0.0.0/8 -m multiport --destination-ports 53 ${ACCEPT}`,
      RETURN,
      `-p udp --source 11.1.2.0/24 -m multiport --destination-ports 53 ${ACCEPT}`,
      RETURN,
    ]);
  });

  it('without a number mean all of the protocol', () => {
    const { lines } = convert({ ingress: [{ ports: [{ port: 80 }, {}, { port: 81 }] }] });
    expect(lines('ingress')).toEqual([`-p tcp ${ACCEPT}`, RETURN]);
  });

  it('by name are looked up among the pods', () => {
    const { lines } = convert({ ingress: [{ ports: [{ port: 'http' }] }] });
    expect(lines('ingress')).toEqual([
      `-p tcp -m set --match-set cali40n:cl9_Kgeu4H0OGLbhovVR3NB dst,dst ${ACCEPT}`,
      RETURN,
    ]);
  });

  it('by name and by number need a block', () => {
    const { lines } = convert({ ingress: [{ ports: [{ port: 'http' }, { port: 80 }] }] });
    expect(lines('ingress')).toEqual([
      '--jump MARK --set-mark 0x0/0xc0000',
      '-p tcp -m multiport --destination-ports 80 --jump MARK --set-mark 0x40000/0x40000',
      '-m set --match-set cali40n:cl9_Kgeu4H0OGLbhovVR3NB dst,dst --jump MARK --set-mark 0x40000/0x40000',
      `-p tcp -m mark --mark 0x40000/0x40000 ${ACCEPT}`,
      RETURN,
    ]);
  });

  it('more than iptables takes at once need a block', () => {
    const ports = Array.from({ length: 16 }, (_, i) => ({ port: 100 + 2 * i }));
    const { lines } = convert({ ingress: [{ ports }] });
    expect(lines('ingress')).toHaveLength(5);
    expect(lines('ingress')[2]).toContain('--destination-ports 130 ');
  });
});

describe('peers', () => {
  it('of a block with exceptions need a block of rules', () => {
    const { lines } = convert({
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.1/32'] } }] }],
    });
    expect(lines('egress')).toEqual([
      '--jump MARK --set-mark 0x40000/0xc0000',
      '--destination 10.1.0.0/16 --jump MARK --set-mark 0/0x40000',
      '--destination 10.2.0.1/32 --jump MARK --set-mark 0/0x40000',
      `--destination 10.0.0.0/8 -m mark --mark 0x40000/0x40000 ${ACCEPT}`,
      RETURN,
    ]);
  });

  it('may be everybody', () => {
    expect(convert({ ingress: [{}] }).lines('ingress')).toEqual([ACCEPT, RETURN]);
    expect(convert({ ingress: [{ from: [] }] }).lines('ingress')).toEqual([ACCEPT, RETURN]);
  });

  it('of the other address family permit nothing', () => {
    expect(convert({ ingress: [{ from: [{ ipBlock: { cidr: 'fd00::/8' } }] }] }).lines('ingress')).toEqual(
      [],
    );
  });

  it('that are no networks are reported and permit nothing', () => {
    const { lines, problems } = convert({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/33' } }] }] });
    expect(lines('ingress')).toEqual([]);
    expect(problems).toEqual(['invalid CIDR 10.0.0.0/33']);
  });

  it('of a named port stand in its set', () => {
    const { lines } = convert({
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ port: 'sql' }] }],
    });
    expect(lines('egress')[0]).toMatch(/^-p tcp -m set --match-set cali40n:\S{23} dst,dst --jump MARK/);
  });
});

it('leaves out a rule with a bad port, and says so', () => {
  const { lines, problems } = convert({ ingress: [{ ports: [{ port: 70000 }] }, { ports: [{ port: 1 }] }] });
  expect(lines('ingress')).toHaveLength(2);
  expect(problems).toEqual(['ingress rule left out: invalid port 70000']);
});
