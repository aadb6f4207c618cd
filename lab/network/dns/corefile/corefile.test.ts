import { describe, expect, test } from 'vitest';
import { readCorefile } from './index.ts';
import { tokenize } from './lexer.ts';

/** kubeadm's, as of Kubernetes 1.20. */
const KUBEADM = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

test("kubeadm's Corefile", () => {
  expect(readCorefile(KUBEADM, 'Corefile')).toEqual([
    {
      zones: ['.'],
      listen: [{ host: '0.0.0.0', port: 53 }],
      errors: true,
      health: { host: '0.0.0.0', port: 8080, lameduckMs: 5000 },
      ready: { host: '0.0.0.0', port: 8181 },
      kubernetes: {
        zones: ['cluster.local.', 'in-addr.arpa.', 'ip6.arpa.'],
        pods: 'insecure',
        fallthrough: ['in-addr.arpa.', 'ip6.arpa.'],
        ttl: 30,
        endpointPodNames: false,
        namespaces: [],
      },
      prometheus: { host: '0.0.0.0', port: 9153 },
      forward: [
        {
          from: '.',
          to: ['/etc/resolv.conf'],
          except: [],
          maxConcurrent: 1000,
          policy: 'random',
          forceTcp: false,
        },
      ],
      cache: {
        zones: ['.'],
        success: { capacity: 9984, ttl: 30 },
        denial: { capacity: 9984, ttl: 30 },
        disabled: { success: [], denial: [] },
      },
      loop: true,
      reload: { intervalMs: 30_000 },
      loadbalance: true,
    },
  ]);
});

test('other options', () => {
  const [block] = readCorefile(
    `lab.example example.com:5353 {
      bind 127.0.0.1 ::1
      log . {
        class denial error
      }
      kubernetes Cluster.Local 10.96.0.0/16 {
        pods verified
        endpoint_pod_names
        namespaces default kube-system
        fallthrough
      }
      hosts /etc/hosts.lab lab.example {
        10.1.0.254 router.lab.example router
        ttl 60
        fallthrough
      }
      rewrite name old.lab.example router.lab.example
      rewrite name suffix .test .lab.example
      forward example.org 10.1.0.53 [::1]:5353 dns://10.1.0.54:54 {
        except a.example.org
        policy sequential
        force_tcp
        max_fails 2
      }
      forward . 10.1.0.55
      cache 60 lab.example {
        success 100
        denial 50 5
        disable success cluster.local
      }
      health 127.0.0.1:8081
    }`,
    'Corefile',
  );
  expect(block).toMatchObject({
    zones: ['lab.example.'],
    listen: [
      { host: '127.0.0.1', port: 53 },
      { host: '::1', port: 53 },
    ],
    log: { zones: ['.'], classes: ['denial', 'error'] },
    kubernetes: {
      zones: ['cluster.local.', '96.10.in-addr.arpa.'],
      pods: 'verified',
      endpointPodNames: true,
      namespaces: ['default', 'kube-system'],
      fallthrough: ['.'],
      ttl: 5,
    },
    hosts: {
      file: '/etc/hosts.lab',
      zones: ['lab.example.'],
      ttl: 60,
      fallthrough: ['.'],
      entries: [{ address: '10.1.0.254', names: ['router.lab.example.', 'router.'] }],
    },
    rewrite: [
      { kind: 'exact', from: 'old.lab.example.', to: 'router.lab.example.' },
      { kind: 'suffix', from: 'test.', to: 'lab.example.' },
    ],
    forward: [
      {
        from: 'example.org.',
        to: ['10.1.0.53', '[::1]:5353', 'dns://10.1.0.54:54'],
        except: ['a.example.org.'],
        policy: 'sequential',
        forceTcp: true,
      },
      { from: '.', to: ['10.1.0.55'] },
    ],
    cache: {
      zones: ['lab.example.'],
      success: { capacity: 100, ttl: 60 },
      denial: { capacity: 50, ttl: 5 },
      disabled: { success: ['cluster.local.'], denial: [] },
    },
    health: { host: '127.0.0.1', port: 8081, lameduckMs: 0 },
  });
});

test('a block whose keys name two ports is served on both', () => {
  const blocks = readCorefile('lab.example example.com:5353 {\n errors\n}', 'Corefile');
  expect(blocks.map(({ zones, listen }) => [zones, listen[0]?.port])).toEqual([
    [['lab.example.'], 53],
    [['example.com.'], 5353],
  ]);
});

test('words: comments, quotes and variables of the environment', () => {
  const words = tokenize('a # no\n"b # \\"c" {$HOME}x {$NOT}\n{%HOME%}', 'Corefile', { HOME: 'h' });
  expect(words.map(({ text, line }) => `${line} ${text}`)).toEqual(['1 a', '2 b # "c', '2 hx', '3 h']);
});

describe('mistakes are told with their line', () => {
  const block = (...lines: string[]) => ['.:53 {', ...lines, '}'].join('\n');
  test.each<[string, string]>([
    ['', 'Corefile:1 - Error during parsing: there is no server block'],
    [block('errors', '', 'errrors'), "Corefile:4 - Error during parsing: Unknown directive 'errrors'"],
    [block('toString'), "Corefile:2 - Error during parsing: Unknown directive 'toString'"],
    ['.:53 {\n errors\n', "Corefile:2 - Error during parsing: Unexpected EOF, expecting '}'"],
    ['.:53\nerrors', "Corefile:2 - Error during parsing: Unexpected token, expecting '{'"],
    ['{\n}', 'Corefile:1 - Error during parsing: a server block needs a zone before its brace'],
    ['.:53 {\n}\n}', "Corefile:3 - Error during parsing: unexpected '}'"],
    ['.:53 {\n {\n}\n}', "Corefile:2 - Error during parsing: unexpected '{'"],
    [block('log "x'), 'Corefile:2 - Error during parsing: a quote is not closed'],
    ['.:99999 {\n}', 'Corefile:1 - Error during parsing: invalid port 99999'],
    ['tls://.:53 {\n}', 'Corefile:1 - Error during parsing: only dns:// is served, not tls://'],
    ['a_b!.x {\n}', 'plugin/server: Corefile:1 - Error during parsing: "a_b!.x" is not a zone'],
    [
      '. {\n}\n.:53 {\n}',
      'Corefile:1 - Error during parsing: cannot serve .:53 on 0.0.0.0: it is already defined',
    ],
    [
      block('cache', 'cache'),
      'plugin/cache: Corefile:3 - Error during parsing: this plugin can only be used once per Server Block',
    ],
    [
      block('kubernetes cluster.local {', ' pods maybe', '}'),
      'plugin/kubernetes: Corefile:3 - Error during parsing: wrong value for pods: maybe,  must be one of: disabled, verified, insecure',
    ],
    [
      block('kubernetes cluster.local {', ' ttl 3601', '}'),
      'plugin/kubernetes: Corefile:3 - Error during parsing: "3601" must be a number in range [0, 3600]',
    ],
    [
      block('kubernetes cluster.local {', ' upstream', '}'),
      "plugin/kubernetes: Corefile:3 - Error during parsing: unknown property 'upstream'",
    ],
    [
      block('kubernetes in-addr.arpa'),
      'plugin/kubernetes: Corefile:2 - Error during parsing: non-reverse zone name must be used',
    ],
    [
      block('forward .'),
      'plugin/forward: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending',
    ],
    [
      block('forward . dns.example'),
      'plugin/forward: Corefile:2 - Error during parsing: not an IP address or file: "dns.example"',
    ],
    [
      block('forward . 10.1.0.53 {', ' policy best', '}'),
      "plugin/forward: Corefile:3 - Error during parsing: unknown policy 'best'",
    ],
    [
      block('health {', ' lameduck soon', '}'),
      'plugin/health: Corefile:3 - Error during parsing: invalid duration "soon"',
    ],
    [
      block('ready nowhere'),
      'plugin/ready: Corefile:2 - Error during parsing: "nowhere" is not an address with a port',
    ],
    [
      block('reload 1s'),
      'plugin/reload: Corefile:2 - Error during parsing: interval value must be greater or equal to 2s',
    ],
    [
      block('log . {', ' class some', '}'),
      'plugin/log: Corefile:3 - Error during parsing: failed to parse class "some"',
    ],
    [
      block('rewrite type A AAAA'),
      'plugin/rewrite: Corefile:2 - Error during parsing: rewriting type is not supported, only name is',
    ],
    [block('bind lo'), 'plugin/bind: Corefile:2 - Error during parsing: not a valid IP address: lo'],
  ])('%j', (text, message) => {
    expect(() => readCorefile(text, 'Corefile')).toThrow(expect.objectContaining({ message }));
  });
});
