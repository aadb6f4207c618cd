import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../runtime/index.ts';
import { containerEnv } from './container-env.ts';
import { podField, resourceField } from './fields.ts';
import { dataKey, envReferences, objectData } from './objects.ts';
import { linkedServices, serviceVariables } from './service-env.ts';

const container = (fields: Partial<Container>): Container => ({ name: 'c', image: 'i', ...fields });
const pod: Pod = {
  metadata: {
    name: 'p',
    namespace: 'shop',
    uid: 'u',
    labels: { b: '2', a: 'one "1"' },
    annotations: { k: 'v' },
  },
  spec: { serviceAccountName: 'sa', containers: [container({ resources: { limits: { cpu: '1500m' } } })] },
};
const placed = {
  podIP: '10.0.0.1',
  hostIP: '10.1.110.102',
  nodeName: 'n',
  allocatable: { cpu: '4', memory: '8042828Ki' },
};
const service = (name: string, namespace: string, clusterIP: string, port: number, portName?: string) => ({
  name,
  namespace,
  clusterIP,
  ports: [{ port, ...(portName ? { name: portName } : {}) }],
});

describe('service variables', () => {
  // Seed 002 prints these seven for redis-master.
  it('are the seven of Docker’s links', () => {
    expect(Object.fromEntries(serviceVariables([service('redis-master', 'd', '10.0.0.11', 6379)]))).toEqual({
      REDIS_MASTER_SERVICE_HOST: '10.0.0.11',
      REDIS_MASTER_SERVICE_PORT: '6379',
      REDIS_MASTER_PORT: 'tcp://10.0.0.11:6379',
      REDIS_MASTER_PORT_6379_TCP: 'tcp://10.0.0.11:6379',
      REDIS_MASTER_PORT_6379_TCP_PROTO: 'tcp',
      REDIS_MASTER_PORT_6379_TCP_PORT: '6379',
      REDIS_MASTER_PORT_6379_TCP_ADDR: '10.0.0.11',
    });
    expect(
      serviceVariables([service('a', 'd', '10.0.0.1', 80, 'http-alt')]).get('A_SERVICE_PORT_HTTP_ALT'),
    ).toBe('80');
  });
  it('are of the pod’s namespace, with default/kubernetes in any case', () => {
    const all = [
      service('kubernetes', 'default', '10.96.0.1', 443),
      service('db', 'shop', '10.96.0.2', 5432),
      service('headless', 'shop', 'None', 1),
      service('other', 'x', '10.96.0.3', 1),
    ];
    const names = (namespace: string, links: boolean) =>
      linkedServices(all, namespace, links).map(({ name }) => name);
    expect(names('shop', true)).toEqual(['db', 'kubernetes']);
    expect(names('shop', false)).toEqual(['kubernetes']);
    expect(names('default', true)).toEqual(['kubernetes']);
  });
});

describe('containerEnv', () => {
  const objects = new Map([
    [dataKey('configmap', 'cfg'), objectData('configmap', { data: { color: 'blue', 'not a name!': 'x' } })],
    [
      dataKey('secret', 'sec'),
      objectData('secret', { data: { password: Buffer.from('hunter2').toString('base64') } }),
    ],
  ]);
  const serviceEnv = new Map([
    ['DB_SERVICE_HOST', '10.96.0.2'],
    ['TAKEN', 'service'],
  ]);
  const of = (fields: Partial<Container>) =>
    Object.fromEntries(containerEnv(container(fields), { pod, placed, objects, serviceEnv }));

  it('takes whole objects, single keys, fields and resources', () => {
    expect(
      of({
        envFrom: [{ prefix: 'CFG_', configMapRef: { name: 'cfg' } }, { secretRef: { name: 'sec' } }],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '$(A)$(LATER)-$(DB_SERVICE_HOST)' },
          { name: 'LATER' },
          { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'color' } } },
          { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'sec', key: 'password' } } },
          { name: 'MAYBE', valueFrom: { secretKeyRef: { name: 'none', key: 'x', optional: true } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          { name: 'TAKEN', value: 'mine' },
        ],
      }),
    ).toEqual({
      CFG_color: 'blue',
      password: 'hunter2',
      A: '1',
      B: '1$(LATER)-10.96.0.2',
      LATER: '',
      COLOR: 'blue',
      PASSWORD: 'hunter2',
      IP: '10.0.0.1',
      CPU: '2',
      TAKEN: 'mine',
      DB_SERVICE_HOST: '10.96.0.2',
    });
  });
  it('says what is missing in the real kubelet’s words', () => {
    expect(() => of({ envFrom: [{ configMapRef: { name: 'x' } }] })).toThrow('configmap "x" not found');
    expect(() => of({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] })).toThrow(
      'secret "s" not found',
    );
    expect(() =>
      of({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'k' } } }] }),
    ).toThrow("couldn't find key k in ConfigMap shop/cfg");
  });
  it('knows beforehand what it needs', () => {
    const needs = envReferences(
      container({
        envFrom: [{ configMapRef: { name: 'a' } }],
        env: [
          { name: 'X', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } },
          { name: 'Y', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
      }),
    );
    expect(needs).toEqual([
      { kind: 'configmap', name: 'a' },
      { kind: 'secret', name: 's' },
    ]);
  });
});

describe('fields', () => {
  it.each([
    ['metadata.labels', 'a="one \\"1\\""\nb="2"'],
    ["metadata.annotations['k']", 'v'],
    ["metadata.labels['none']", ''],
    ['spec.serviceAccountName', 'sa'],
    ['spec.nodeName', 'n'],
    ['status.hostIP', '10.1.110.102'],
  ])('%s', (path, value) => {
    expect(podField(path, pod, placed)).toBe(value);
  });
  it('refuses other paths', () => {
    expect(() => podField('spec.containers', pod, placed)).toThrow('unsupported fieldPath: spec.containers');
  });
  it('divides and rounds up; without a limit the node’s allocatable counts', () => {
    const of = (resource: string, divisor?: string) =>
      resourceField({ containerName: 'c', resource, ...(divisor ? { divisor } : {}) }, pod, placed);
    expect(of('limits.cpu')).toBe('2');
    expect(of('limits.cpu', '1m')).toBe('1500');
    expect(of('limits.memory', '1Mi')).toBe('7855');
    expect(of('requests.memory')).toBe('0');
  });
});
