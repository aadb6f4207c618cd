import type { V1Container } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { defaultContainer } from './container-defaults.ts';
import { validateContainers, validateInitContainers } from './validation-container.ts';

const container = (fields: Partial<V1Container> = {}): V1Container => {
  const made = { name: 'c', image: 'i', ...fields };
  defaultContainer(made);
  return made;
};
const told = (errors: readonly { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const init = (...containers: V1Container[]) =>
  told(validateInitContainers(containers, [container({ name: 'main' })], new Set(), 'spec.initContainers'));

// The cases of TestValidateInitContainers (pkg/apis/core/validation/validation_test.go) about restartPolicy.
describe('init containers', () => {
  const exec = { exec: { command: ['true'] } };
  const hooks = {
    lifecycle: { preStop: exec },
    livenessProbe: { ...exec },
    readinessProbe: { ...exec },
    startupProbe: { ...exec },
  };

  it('may be sidecars, with hooks and probes', () => {
    expect(init(container({ restartPolicy: 'Always', ...hooks }))).toEqual([]);
  });

  it('have no other restart policy', () => {
    for (const restartPolicy of ['OnFailure', 'Never', 'foo', '']) {
      expect(init(container({ restartPolicy }))).toEqual([
        `spec.initContainers[0].restartPolicy: Unsupported value: "${restartPolicy}": supported values: "Always"`,
      ]);
    }
  });

  it('have hooks and probes only as sidecars', () => {
    const why = 'Forbidden: may not be set for init containers without restartPolicy=Always';
    expect(init(container(hooks))).toEqual([
      `spec.initContainers[0].lifecycle: ${why}`,
      `spec.initContainers[0].livenessProbe: ${why}`,
      `spec.initContainers[0].readinessProbe: ${why}`,
      `spec.initContainers[0].startupProbe: ${why}`,
    ]);
    // What is in them is not looked at.
    expect(init(container({ livenessProbe: { successThreshold: 2 } }))).toHaveLength(1);
  });

  it('have probes that are looked at as sidecars', () => {
    const twice = { ...exec, successThreshold: 2 };
    expect(init(container({ restartPolicy: 'Always', readinessProbe: twice }))).toEqual([]);
    expect(init(container({ restartPolicy: 'Always', startupProbe: twice, livenessProbe: {} }))).toEqual([
      'spec.initContainers[0].livenessProbe: Required value: must specify a handler type',
      'spec.initContainers[0].startupProbe.successThreshold: Invalid value: 2: must be 1',
    ]);
  });

  it('share no name with a regular container', () => {
    expect(init(container({ name: 'main' }))).toEqual([
      'spec.initContainers[0].name: Duplicate value: "main"',
    ]);
  });
});

it('regular containers have no restart policy of their own', () => {
  expect(
    told(validateContainers([container({ restartPolicy: 'Always' })], new Set(), 'spec.containers')),
  ).toEqual(['spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers']);
});
