import type { V1NodeSpec, V1NodeStatus, V1Taint } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import {
  duplicate,
  forbidden,
  GoText,
  goQuote,
  invalid,
  invalidAll,
  notSupported,
  required,
} from '../fields/index.ts';
import {
  isDNS1123Subdomain,
  isLabelValue,
  isQualifiedName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus } from '../status.ts';
import { isValidCIDR, semanticallyEqual } from '../values/index.ts';
import { nodeColumns, nodeRow } from './node-table.ts';

const notReady: V1Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const emptyInfo = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

const specOf = (object: KubeObject): V1NodeSpec => sectionOf(object, 'spec');

export const nodes: Kind = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  subresources: ['status'],
  schema: schemaOf('io.k8s.api.core.v1.Node'),
  defaults(object) {
    specOf(object);
    const status = sectionOf<V1NodeStatus>(object, 'status');
    status.daemonEndpoints ??= {};
    status.daemonEndpoints.kubeletEndpoint ??= { Port: 0 };
    status.nodeInfo = { ...emptyInfo, ...status.nodeInfo };
  },
  // A kubelet registers its node with its status. The taint is the TaintNodesByCondition admission plugin's: the node life cycle
  // controller takes it away when the node is ready.
  prepareForCreate(object) {
    const spec = specOf(object);
    const tainted = (spec.taints ?? []).some(
      ({ key, effect }) => key === notReady.key && effect === notReady.effect,
    );
    if (!tainted) spec.taints = [...(spec.taints ?? []), { ...notReady }];
  },
  prepareForUpdate: keepStatus,
  validate: (object) => [
    ...validateObjectMeta(object, false, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
    ...validateChange(specOf(object), specOf(old)),
  ],
  fieldSelectors: (object) => ({ 'spec.unschedulable': String(specOf(object).unschedulable ?? false) }),
  columns: nodeColumns,
  row: nodeRow,
};

function validateSpec({ taints, podCIDRs }: V1NodeSpec): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, taint] of (taints ?? []).entries()) {
    const { key = '', value, effect = '' } = taint;
    const path = `spec.taints[${index}]`;
    errors.push(...invalidAll(`${path}.key`, key, isQualifiedName(key)));
    if (value) errors.push(...invalidAll(`${path}.value`, value, isLabelValue(value)));
    if (effect === '') errors.push(required(`${path}.effect`));
    else if (!effects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, effects));
    const id = `${key}:${effect}`;
    if (seen.has(id)) errors.push({ ...duplicate(path, taintText(taint)), field: `spec.taints[${index}]` });
    seen.add(id);
  }
  for (const [index, cidr] of (podCIDRs ?? []).entries()) {
    errors.push(...invalidAll(`spec.podCIDRs[${index}]`, cidr, isValidCIDR(cidr)));
  }
  return errors;
}

function validateChange(spec: V1NodeSpec, old: V1NodeSpec): FieldError[] {
  const errors: FieldError[] = [];
  const before = old.podCIDRs ?? [];
  if (before.length > 0 && !semanticallyEqual(spec.podCIDRs, before)) {
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.providerID && spec.providerID !== old.providerID) {
    errors.push(
      forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'),
    );
  }
  if (spec.configSource && !semanticallyEqual(spec.configSource, old.configSource)) {
    errors.push(invalid('spec.configSource', '', 'configSource may not be set'));
  }
  return errors;
}

function taintText({ key, value = '', effect }: V1Taint): GoText {
  return new GoText(
    `core.Taint{Key:${goQuote(key)}, Value:${goQuote(value)}, Effect:${goQuote(effect)}, TimeAdded:<nil>}`,
  );
}
