import type { V1Container, V1ContainerPort } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalidAll,
  notFound,
  notSupported,
  required,
} from '../fields/index.ts';
import { isDNS1123Label, isPortName, isPortNumber } from '../meta/index.ts';
import { validateEnv, validateEnvFrom } from './validation-env.ts';
import { validateHandler, validateProbe } from './validation-probe.ts';
import { validateResources } from './validation-resources.ts';

/** pkg/apis/core/validation validateContainers: the containers of one list, and what must be unique among them. */
export function validateContainers(
  containers: readonly V1Container[] | undefined,
  volumes: ReadonlySet<string>,
  field: string,
): FieldError[] {
  if (!containers || containers.length === 0) return [required(field)];
  const names = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateContainer(container, volumes, path));
    errors.push(...validateName(container, names, path));
    errors.push(...validateHooksAndProbes(container, path));
    if (container.restartPolicy !== undefined) {
      errors.push(forbidden(`${path}.restartPolicy`, 'may not be set for non-init containers'));
    }
  }
  return [...errors, ...hostPortConflicts(containers, field)];
}

/** validateInitContainers: any number; hooks and probes are for those that keep running (`restartPolicy: Always`, KEP-753). */
export function validateInitContainers(
  containers: readonly V1Container[] | undefined,
  regular: readonly V1Container[] | undefined,
  volumes: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const names = new Set((regular ?? []).map(({ name }) => name));
  const errors: FieldError[] = [];
  for (const [index, container] of (containers ?? []).entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateContainer(container, volumes, path));
    const { restartPolicy } = container;
    if (restartPolicy !== undefined && restartPolicy !== 'Always') {
      errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, ['Always']));
    }
    errors.push(...validateName(container, names, path));
    // Each by itself: ordinary ones run one after the other.
    errors.push(...hostPortConflicts([container], field));
    if (restartPolicy === 'Always') {
      errors.push(...validateHooksAndProbes(container, path));
      continue;
    }
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (!container[name]) continue;
      const why = 'may not be set for init containers without restartPolicy=Always';
      errors.push(forbidden(`${path}.${name}`, why));
    }
  }
  return errors;
}

/** A name may be there once among all containers of the pod. */
function validateName({ name = '' }: V1Container, names: Set<string>, path: string): FieldError[] {
  if (name !== '' && names.has(name)) return [duplicate(`${path}.name`, name)];
  names.add(name);
  return [];
}

function validateHooksAndProbes(container: V1Container, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { postStart, preStop } = container.lifecycle ?? {};
  if (postStart) errors.push(...validateHandler(postStart, `${path}.lifecycle.postStart`));
  if (preStop) errors.push(...validateHandler(preStop, `${path}.lifecycle.preStop`));
  errors.push(...validateProbe(container.livenessProbe, `${path}.livenessProbe`, true));
  errors.push(...validateProbe(container.readinessProbe, `${path}.readinessProbe`, false));
  errors.push(...validateProbe(container.startupProbe, `${path}.startupProbe`, true));
  return errors;
}

function validateContainer(container: V1Container, volumes: ReadonlySet<string>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', image = '' } = container;
  if (name === '') errors.push(required(`${path}.name`));
  else errors.push(...invalidAll(`${path}.name`, name, isDNS1123Label(name)));
  if (image === '') errors.push(required(`${path}.image`));
  else if (image.trim() !== image) {
    errors.push(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  const policies = ['FallbackToLogsOnError', 'File'];
  if (!policies.includes(container.terminationMessagePolicy ?? '')) {
    errors.push(
      notSupported(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy ?? '', policies),
    );
  }
  errors.push(...validatePorts(container.ports ?? [], `${path}.ports`));
  errors.push(...validateEnv(container.env ?? [], `${path}.env`));
  errors.push(...validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`));
  errors.push(...validateMounts(container, volumes, `${path}.volumeMounts`));
  const pull = ['Always', 'IfNotPresent', 'Never'];
  if (!pull.includes(container.imagePullPolicy ?? '')) {
    errors.push(notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy ?? '', pull));
  }
  errors.push(...validateResources(container.resources, `${path}.resources`));
  return errors;
}

function validatePorts(ports: readonly V1ContainerPort[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = `${field}[${index}]`;
    if (port.name) {
      const messages = isPortName(port.name);
      if (messages.length > 0) errors.push(...invalidAll(`${path}.name`, port.name, messages));
      else if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${path}.containerPort`));
    else
      errors.push(
        ...invalidAll(`${path}.containerPort`, port.containerPort, isPortNumber(port.containerPort)),
      );
    if (port.hostPort)
      errors.push(...invalidAll(`${path}.hostPort`, port.hostPort, isPortNumber(port.hostPort)));
    const protocols = ['SCTP', 'TCP', 'UDP'];
    if (!protocols.includes(port.protocol ?? '')) {
      errors.push(notSupported(`${path}.protocol`, port.protocol ?? '', protocols));
    }
  }
  return errors;
}

function validateMounts(container: V1Container, volumes: ReadonlySet<string>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const path = `${field}[${index}]`;
    if (!mount.name) errors.push(required(`${path}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFound(`${path}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${path}.mountPath`));
    else if (paths.has(mount.mountPath))
      errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath ?? '');
    if (mount.subPath) {
      if (mount.subPath.startsWith('/')) {
        errors.push(invalid(`${path}.subPath`, mount.subPath, 'must be a relative path'));
      }
      if (mount.subPath.split('/').includes('..')) {
        errors.push(invalid(`${path}.subPath`, mount.subPath, "must not contain '..'"));
      }
    }
  }
  return errors;
}

function hostPortConflicts(containers: readonly V1Container[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  for (const [index, container] of containers.entries()) {
    for (const [at, port] of (container.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${field}[${index}].ports[${at}].hostPort`, key));
      taken.add(key);
    }
  }
  return errors;
}
