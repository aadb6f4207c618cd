import { describe, expect, it } from 'vitest';
import { schemaOf } from '../schema/index.ts';
import { decodeValues } from './decode.ts';
import { dropEmpty } from './empty.ts';

const pod = schemaOf('io.k8s.api.core.v1.Pod');

describe('values', () => {
  it('are decoded as Go does it', () => {
    const object = {
      metadata: { finalizers: ['a/b', null] },
      spec: { containers: [null, { resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] },
    };
    decodeValues(object, pod);
    expect(object).toEqual({
      metadata: { finalizers: ['a/b', ''] },
      spec: { containers: [{}, { resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
    });
  });

  it('leave the free addresses of a Calico block alone', () => {
    const object = { spec: { allocations: [0, null, 1] } };
    decodeValues(object, schemaOf('org.projectcalico.crd.v1.IPAMBlock'));
    expect(object.spec.allocations).toEqual([0, null, 1]);
  });

  it('vanish when they are empty, but structs stay', () => {
    const object = {
      metadata: { labels: {}, annotations: { a: '' } },
      spec: { containers: [{ name: 'c', env: [], resources: {} }], securityContext: {}, tolerations: [] },
    };
    dropEmpty(object, pod);
    expect(object).toEqual({
      metadata: { annotations: { a: '' } },
      spec: { containers: [{ name: 'c', resources: {} }], securityContext: {} },
    });
  });
});
