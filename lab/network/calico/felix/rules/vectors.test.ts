import { describe, expect, it } from 'vitest';
import type { ActiveEndpoint } from '../calc/index.ts';
import { dispatchChains, endpointChains, profileChains, ruleTags, staticTables } from './index.ts';

// Tags of the white paper's figures and of real clusters. A tag depends on the text of its rule and of all rules before
// it, so equal tags are equal chains.

const tagsOf = (chains: readonly { name: string }[], name: string): string[] => {
  const chain = chains.find((candidate) => candidate.name === name);
  if (!chain) throw new Error(`no chain ${name} among ${chains.map((one) => one.name).join(' ')}`);
  return ruleTags(chain as Parameters<typeof ruleTags>[0]);
};

describe('chains that are the same on every node', () => {
  const tables = staticTables({ encapsulated: true, natOutgoing: true });
  const KNOWN: Record<string, Record<string, string[]>> = {
    raw: {
      PREROUTING: ['6gwbT8clXdHdC1b1'],
      OUTPUT: ['tVnHkvAo15HuiPy0'],
      // Figure 65.
      'cali-PREROUTING': [
        'XFX5xbM8B9qR10JG',
        'EWMPb0zVROM-woQp',
        'V6ooGP15glg7wm91',
        'RMTzKqp0j735XfY4',
        'T8-Zfumo2dKygI73',
      ],
      'cali-OUTPUT': ['njdnLwYeGqBJyMxW', 'rz86uTUcEZAfFsh7', 'pN0F5zD0b8yf9W1Z'],
    },
    mangle: {
      PREROUTING: ['6gwbT8clXdHdC1b1'],
      // Figure 66.
      'cali-PREROUTING': ['6BJqBjBC7crtA-7-', 'KX7AGNd6rMcDUai6', 'wNH7KsA3ILKJBsY9', 'Cg96MgVuoPm7UMRo'],
    },
    nat: {
      PREROUTING: ['6gwbT8clXdHdC1b1'],
      OUTPUT: ['tVnHkvAo15HuiPy0'],
      POSTROUTING: ['O3lYWMrLQYEMJtB5'],
      'cali-PREROUTING': ['r6XmIziWUJsdOK6Z'],
      'cali-OUTPUT': ['GBTAv2p5CwevEyJm'],
      'cali-POSTROUTING': ['Z-c7XtVd2Bq7s_hA', 'nYKhEzDlr11Jccal', 'SXWvdsbh4Mw7wOln'],
      // Figure 83.
      'cali-nat-outgoing': ['flqWnvo8yq4ULQLa'],
      'cali-fip-dnat': [],
      'cali-fip-snat': [],
    },
    filter: {
      INPUT: ['Cz_u1IQiXIMmKD4c'],
      FORWARD: ['wUHhoiAYhphO9Mso'],
      OUTPUT: ['tVnHkvAo15HuiPy0'],
      // Figure 78.
      'cali-FORWARD': [
        'vjrMJCRpqwy5oRoX',
        'A_sPAO0mcxbT9mOV',
        '8ZoYfO5HKXWbB3pk',
        'jdEuaPBe14V2hutn',
        '12bc6HljsMKsmfr-',
      ],
      'cali-INPUT': [
        'PajejrV4aFdkZojI',
        '_wjq-Yrma8Ly1Svo',
        '8TZGxLWh_Eiz66wc',
        '6McIeIDvPdL6PE1T',
        'YGPbrUms7NId8xVa',
        '2gmY7Bg2i0i84Wk_',
        'q-Vz2ZT9iGE331LL',
      ],
      'cali-wl-to-host': ['Ee9Sbo10IpVujdIY', 'nSZbcOoG1xPONxb8'],
      'cali-OUTPUT': [
        'Mq1_rAdXXH3YkrzW',
        '69FkRTJDvD5Vu6Vl',
        'AnEsmO6bDZbQntWW',
        '9e9Uf3GU5tX--Lxy',
        'OB2pzPrvQn6PC89t',
        'tvSSMDBWrme3CUqM',
      ],
    },
  };

  for (const [name, chains] of Object.entries(KNOWN)) {
    const table = tables.find((candidate) => candidate.name === name);
    it.each(Object.entries(chains))(`${name} %s`, (chain, tags) => {
      expect(tagsOf([...(table?.chains ?? []), ...(table?.inserts ?? [])], chain)).toEqual(tags);
    });
  }

  it('accepts at the end of FORWARD', () => {
    const filter = tables.find(({ name }) => name === 'filter');
    expect(tagsOf(filter?.appends ?? [], 'FORWARD')).toEqual(['S93hcgKJrXEqnTfs', 'mp77cMpurHhyjLrM']);
  });

  it('leaves out what the pool does not ask for', () => {
    const text = JSON.stringify(staticTables({ encapsulated: false, natOutgoing: false }));
    expect(text).not.toMatch(/tunl0|MASQUERADE|-p 4/);
  });
});

describe('dispatch', () => {
  // Worker 2 of the white paper (Figure 77).
  const WORKER2 = [
    'cali21ac0ad37cb',
    'calibd1ca548147',
    'cali30a777a3d43',
    'calia26d9304875',
    'cali9f5ef074fca',
    'calic06ac209aaf',
    'cali75c0f6e38e7',
    'cali148b7202262',
    'cali11aba968e90',
    'cali545edbfd5b2',
    'cali3f20c28c14b',
    'cali53f8b8d2a7d',
    'cali33db9c276ba',
    'calia3d29bea0dc',
    'calie2fddf4fd4b',
    'calia4af789ad23',
    'caliadfd50b9ac1',
    'calib83b3d6d156',
    'calib2d89a1b0f3',
  ];

  it('has the tree of Figure 79', () => {
    const chains = dispatchChains(WORKER2);
    expect(tagsOf(chains, 'cali-to-wl-dispatch')).toEqual([
      'svNUGuuCd7LCNEXq',
      'UyEJrXzOc6G3-FTb',
      '3bI7EXQ53IL6I3DQ',
      'Gtg1GEqu5ODbo-Gy',
      'S60UueTXAW2XFlE1',
      '4XZdspwuUucX1CpF',
      'lVpjW5TdNVGU1afl',
      'MENZMM3NFah7MNZr',
      'tqfk7yawBP-yVZkA',
      'ZmlXgeG8ucKLVsPu',
      'sm-s-ihPfHofj_3g',
    ]);
    expect(tagsOf(chains, 'cali-from-wl-dispatch').at(-1)).toBe('AsuQXwSS4hnBrGGG');
  });

  it('is that of a cluster with three pods', () => {
    const chains = dispatchChains(['calif3533dd3229', 'cali82a8bb394bd', 'calie930c422661']);
    expect(tagsOf(chains, 'cali-from-wl-dispatch')).toEqual([
      'iec6Icru0K37idwj',
      '0jlZAcGo54oqY8p3',
      'PUv0YBkan3WHQZix',
      '-ojO7WWmz0kbfddZ',
    ]);
    expect(tagsOf(chains, 'cali-to-wl-dispatch')).toEqual([
      'DH1bLyxskFJok8LY',
      'v4KHY3mc1Ym9DiZc',
      'Z6Ww2zhhGbh19h6K',
      'EuaJOevUVXhWjfo-',
    ]);
    expect(chains).toHaveLength(2);
  });

  it('is that of a cluster where two share a digit', () => {
    const chains = dispatchChains([
      'cali1dac8782bdb',
      'cali3579be14420',
      'cali6945b3c77c1',
      'cali6f60a778e0b',
      'cali868a4e4c0db',
      'cali9d04617f188',
    ]);
    expect(tagsOf(chains, 'cali-from-wl-dispatch')).toEqual([
      'aHK7yU_mJjLvN9P9',
      'wHNdnT4ytw3hnQFt',
      '_b2AeThG6a53s1Jk',
      'Bb81zxJNbVhCAzR-',
      'RzmU3PGwDi5LZ3Y1',
      'CPCo32RHIaeTT15t',
    ]);
    expect(tagsOf(chains, 'cali-from-wl-dispatch-6')).toEqual([
      '51KYRHlKbzvZo9Tu',
      'K6kzaLeHUWg36Bzo',
      'BloWYvybf6fUB-zQ',
    ]);
  });

  it.each([[[]], [['cali21ac0ad37cb']]])('has one root chain for each direction with %j', (names) => {
    const chains = dispatchChains(names);
    expect(chains.map(({ name }) => name)).toEqual(['cali-from-wl-dispatch', 'cali-to-wl-dispatch']);
    expect(chains[0]?.rules).toHaveLength(names.length + 1);
    expect(chains[0]?.rules.at(-1)?.action).toBe('--jump DROP');
  });
});

describe("a pod's chains", () => {
  const endpoint = (name: string, ingress: string[], profiles: string[]): ActiveEndpoint => ({
    interface: name,
    ingress,
    egress: [],
    profiles,
  });

  it('are those of Figure 80', () => {
    const chains = endpointChains(
      endpoint('cali21ac0ad37cb', [], ['kns.iks', 'ksa.iks.essential-nginx-ingress-ingress-nginx']),
    );
    expect(tagsOf(chains, 'cali-tw-cali21ac0ad37cb')).toEqual([
      'Cunsqfk9GL5ZJw-P',
      '7TtQmYXNmaGzHJF5',
      'leU-YeZ1ZrXqyXLo',
      '8UXyl9FYZJP4D4-v',
      'IiTC1YVeIg0_5oek',
      '8i9CxMcc_tOlw-YL',
      'lGTNlB_E9QJ-wzWz',
      'YQg0kU3s5pWjpjIO',
    ]);
    expect(tagsOf(chains, 'cali-fw-cali21ac0ad37cb')).toEqual([
      '2wlRBr55DwFVSmtV',
      'ExZmzhl1mKTgbTtT',
      'riIgqd7_Yf4_Afst',
      'IazGj05EKEUfBgSV',
      's3ka8GunajflEK59',
      'wlvV0IJuR3gzlqVe',
      'H5qrYBn-XAxFPgXy',
      'rcpL2b2Rv4ann64o',
      'gfx6HhYL_OHMX3KM',
      'o-a7iP8DLCRICLEr',
    ]);
  });

  it('ask the policies first', () => {
    const chains = endpointChains(
      endpoint(
        'cali95aa86cbb2a',
        ['default/knp.default.allow-db-access'],
        ['kns.default', 'ksa.default.default'],
      ),
    );
    expect(tagsOf(chains, 'cali-tw-cali95aa86cbb2a')).toEqual([
      'eCrqwxNk3cKw9Eq6',
      '_krp5nzavhAu5avJ',
      'Cu-tVtfKKu413YTT',
      'leBL64hpAXM9y4nk',
      'pm-LK-c1ra31tRwz',
      'q_zG8dAujKUIBe0Q',
      'FUDVBYh1Yr6tVRgq',
      'X19Z-Pa0qidaNsMH',
      'Ljj0xNidsduxDGUb',
      '0z9RRvvZI9Gud0Wv',
      'pNCpK-SOYelSULC1',
      'sMkvrxvxj13WlTMK',
    ]);
  });

  it('ask two policies in their order', () => {
    const chains = endpointChains(
      endpoint(
        'cali92d634f8f03',
        ['alpha/knp.default.access-nginx', 'alpha/knp.default.alpha-deny'],
        ['kns.alpha', 'ksa.alpha.default'],
      ),
    );
    expect(tagsOf(chains, 'cali-tw-cali92d634f8f03')).toEqual([
      'FUgB7G5ObIh96acF',
      'WQJ64LtbzEP_A0C0',
      'lq8KVGA-L8Gpp_Q1',
      'LFDbDDVQlKjgSqzz',
      'ODoIaF_IPx3TRmF0',
      'MVOQxoANBbR11zgK',
      'LkeeeuVbaL4uBlnj',
      'eoYOE3_IE3Y9cuyP',
      'DENqw_tUMNBLYcWY',
      'ON2zKuQtJfA4tb10',
      'Dh-T8hAFGcEyArmG',
      'gaIrhBZhebaQy98N',
      'CAWiU-725yymw2-w',
      '_igYgy60wKudPMD0',
    ]);
  });

  it('lead to open profiles', () => {
    const chains = ['kns.default', 'kns.kube-system', 'kns.iks'].flatMap(profileChains);
    expect(tagsOf(chains, 'cali-pri-kns.default')).toEqual(['7Fnh7Pv3_98FtLW7', 'ZbV6bJXWSRefjK0u']);
    expect(tagsOf(chains, 'cali-pro-kns.default')).toEqual(['oLzzje5WExbgfib5', '4goskqvxh5xcGw3s']);
    expect(tagsOf(chains, 'cali-pri-kns.kube-system')).toEqual(['zoH5gU6U55FKZxEo', 'bcGRIJcyOS9dgBiB']);
    expect(tagsOf(chains, 'cali-pro-kns.kube-system')).toEqual(['-50oJuMfLVO3LkBk', 'ztVPKv1UYejNzm1g']);
    expect(tagsOf(chains, 'cali-pri-kns.iks')).toEqual(['ZmndCjwStqOXDGRq', 'vWV9TRdWC-3K0zIi']);
    expect(profileChains('ksa.iks.essential-nginx-ingress-ingress-nginx')).toEqual([
      { name: 'cali-pri-_qhvtEkBt11p8TGLQ38', rules: [] },
      { name: expect.stringMatching(/^cali-pro-_.{18}$/), rules: [] },
    ]);
  });
});
