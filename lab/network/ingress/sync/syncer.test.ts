import { expect, test } from 'vitest';
import { silentLog } from '../../../api/klog.ts';
import type { Service } from '../../../api/objects/index.ts';
import type { Problem } from '../model/index.ts';
import type { Files, NginxControl } from '../nginx/index.ts';
import type { Ingress } from '../objects.ts';
import { ingress, MODEL, path, RENDER } from '../testing/cluster.fixture.ts';
import { Syncer } from './syncer.ts';

/** An nginx that remembers what it was told, and refuses texts with a word. */
class FakeNginx implements NginxControl {
  readonly told: string[] = [];
  refuses = '';
  failures = 0;
  certificates = new Set<string>();
  live = '';
  posted = '';
  /** Runs while a reload is under way. */
  during: () => void | Promise<void> = () => {};

  async check(text: string): Promise<string | undefined> {
    this.told.push('check');
    return this.refuses !== '' && text.includes(this.refuses) ? `${this.refuses} is bad` : undefined;
  }
  async apply(text: string): Promise<void> {
    this.told.push('apply');
    await this.during();
    if (this.failures-- > 0) throw new Error('no worker serves');
    this.live = text;
  }
  async post(dynamic: string): Promise<void> {
    this.told.push('post');
    this.posted = dynamic;
  }
  async writeFiles({ certificates }: Files): Promise<void> {
    for (const name of certificates.keys()) this.certificates.add(name);
  }
  async keepFiles({ certificates }: Files): Promise<void> {
    this.certificates = new Set([...this.certificates].filter((name) => certificates.has(name)));
  }
}

function setUp(...ingresses: Ingress[]) {
  const nginx = new FakeNginx();
  const state = {
    ingresses,
    endpoints: ['10.0.0.1'],
    problems: [] as readonly Problem[],
    failed: [] as string[],
  };
  const service: Service = { metadata: { name: 'x' }, spec: { ports: [{ port: 80 }] } };
  const syncer = new Syncer({
    nginx,
    objects: () => ({ ingresses: state.ingresses, classes: [], secret: () => undefined }),
    endpoints: {
      service: () => service,
      slices: () => [
        {
          metadata: {},
          addressType: 'IPv4',
          ports: [{ port: 80 }],
          endpoints: state.endpoints.map((address) => ({ addresses: [address] })),
        },
      ],
    },
    model: () => MODEL,
    render: () => RENDER,
    defaultCertificate: 'pem',
    log: silentLog,
    report: {
      failed: (reason) => state.failed.push(reason),
      reloaded() {},
      problems: (problems) => {
        state.problems = problems;
      },
    },
  });
  const sync = async () => {
    syncer.changed();
    await syncer.idle();
  };
  return { nginx, state, syncer, sync };
}

test('a configuration is checked, applied, and its endpoints are handed over', async () => {
  const { nginx, sync } = setUp(ingress('one', [path('/a')]));
  await sync();
  expect(nginx.told).toEqual(['check', 'apply', 'post']);
  expect(nginx.live).toContain('location /a/');
  expect(nginx.posted).toContain('backend\tdefault-svc-80\t10.0.0.1\t80\n');
  await sync();
  expect(nginx.told).toHaveLength(3);
});

test('endpoints change without a reload', async () => {
  const { nginx, state, syncer, sync } = setUp(ingress('one', [path('/a')]));
  await sync();
  state.endpoints = ['10.0.0.2', '10.0.0.3'];
  syncer.endpointsChanged();
  syncer.endpointsChanged();
  await syncer.idle();
  expect(nginx.told.slice(3)).toEqual(['post']);
  expect(nginx.posted).toContain('backend\tdefault-svc-80\t10.0.0.2\t80\t10.0.0.3\t80\n');
});

test('while it reloads, workers old and new find their endpoints, also new ones', async () => {
  const { nginx, state, syncer, sync } = setUp(ingress('one', [path('/a', 'old')]));
  await sync();
  state.ingresses = [ingress('one', [path('/a', 'new')])];
  let during = '';
  nginx.during = async () => {
    state.endpoints = ['10.0.0.9'];
    syncer.endpointsChanged();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    during = nginx.posted;
  };
  await sync();
  expect(nginx.told.slice(3)).toEqual(['check', 'post', 'apply', 'post']);
  expect(during).toContain('backend\tdefault-new-80\t10.0.0.9');
  expect(during).toContain('backend\tdefault-old-80\t10.0.0.9');
  state.ingresses = [ingress('one', [path('/b', 'new')])];
  nginx.during = () => {};
  await sync();
  state.ingresses = [ingress('one', [path('/c', 'new')])];
  await sync();
  expect(nginx.posted).not.toContain('default-old-80');
});

test('changes during a reload come with the next', async () => {
  const { nginx, state, syncer, sync } = setUp(ingress('one', [path('/a')]));
  await sync();
  const more: string[] = [];
  nginx.during = () => {
    if (more.length > 0) return;
    more.push('once');
    for (const name of ['b', 'c', 'd']) {
      state.ingresses = [...state.ingresses, ingress(name, [path(`/${name}`)])];
      syncer.changed();
    }
  };
  state.ingresses = [...state.ingresses, ingress('x', [path('/x')])];
  await sync();
  expect(nginx.told.filter((what) => what === 'apply')).toHaveLength(3);
  expect(nginx.live).toContain('location /d/');
});

test('what nginx refuses is left out, told, and tried again when it changes', async () => {
  const { nginx, state, sync } = setUp(ingress('good', [path('/good')]));
  await sync();
  nginx.refuses = '/bad/';
  const bad = ingress('bad', [path('/bad')]);
  state.ingresses = [bad, ...state.ingresses, ingress('late', [path('/late')], { age: 5 })];
  await sync();
  expect(nginx.live).toMatch(/location \/late\/ .*location \/good\/ /s);
  expect(nginx.live).not.toContain('/bad/');
  expect(state.problems).toMatchObject([
    {
      ingress: { metadata: { name: 'bad' } },
      reason: 'Rejected',
      message: 'not served, NGINX refuses it: /bad/ is bad',
    },
  ]);
  expect(state.failed).toEqual(['/bad/ is bad']);
  const told = nginx.told.length;
  await sync();
  expect(nginx.told).toHaveLength(told);
  state.ingresses = state.ingresses.map((one) => (one === bad ? ingress('bad', [path('/mended')]) : one));
  await sync();
  expect(nginx.live).toContain('location /mended/');
  expect(state.problems).toEqual([]);
});

test('when nginx refuses even nothing, the good one stays', async () => {
  const { nginx, state, syncer, sync } = setUp(ingress('good', [path('/good')]));
  await sync();
  const { live } = nginx;
  nginx.refuses = 'http';
  state.ingresses = [ingress('good', [path('/other')])];
  await sync();
  expect(nginx.live).toBe(live);
  expect(state.failed.at(-1)).toBe('http is bad');
  await syncer.stop();
});
