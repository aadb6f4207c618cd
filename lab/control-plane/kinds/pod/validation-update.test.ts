import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { validatePodChange, validatePodStatus } from './validation-update.ts';

const old = {
  spec: {
    containers: [{ name: 'c', image: 'nginx:1.27' }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    nodeName: 'worker2',
  },
} as unknown as V1Pod;

function changed(change: (spec: NonNullable<V1Pod['spec']>) => void): string[] {
  const pod = structuredClone(old);
  change(pod.spec as NonNullable<V1Pod['spec']>);
  return validatePodChange(pod, old).map(({ field, message }) => `${field}: ${message}`);
}

describe('an update of a pod', () => {
  it('may change an image, add tolerations and shorten the deadline', () => {
    expect(
      changed((spec) => {
        const [container] = spec.containers;
        if (container) container.image = 'nginx:1.28';
        spec.tolerations?.push({ key: 'b', operator: 'Exists' });
        spec.activeDeadlineSeconds = 10;
      }),
    ).toEqual([]);
  });

  it('may change nothing else', () => {
    const [message = '', ...more] = changed((spec) => {
      spec.nodeName = 'worker1';
    });
    expect(more).toEqual([]);
    // The first line is the recorded one (vector err-pod-change-nodename); below it we name the fields.
    expect(message.split('\n')).toEqual([
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      '  - nodeName: "worker2"',
      '  + nodeName: "worker1"',
      '',
    ]);
  });

  it('may not take a toleration away', () => {
    expect(
      changed((spec) => {
        spec.tolerations = [];
      }),
    ).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
  });

  it('may not add a container', () => {
    expect(changed((spec) => spec.containers.push({ name: 'd' }))).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
  });
});

describe('the addresses of a pod', () => {
  // The list of vector err-pod-status-bad-ip, in the order of its answer.
  it('must be addresses, one for each family', () => {
    const errors = validatePodStatus({ podIPs: [{ ip: '999' }, { ip: '10.244.2.10' }] });
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'status.podIPs[0]: Invalid value: "999": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.podIPs: Internal error: failed to check for dual stack with error:invalid IP[0]: 999',
      'status.podIPs: Invalid value: []core.PodIP{core.PodIP{IP:"999"}, core.PodIP{IP:"10.244.2.10"}}: may specify no more than one IP for each IP family',
    ]);
    expect(validatePodStatus({ podIPs: [{ ip: '10.244.2.10' }, { ip: 'fd00::1' }] })).toEqual([]);
  });
});
