import type { V1Container, V1ContainerPort } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { duplicate, invalid, invalidAll, notFound, notSupported, required } from '../fields/index.ts';
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
  return [...validateEach(containers, volumes, field, new Set()), ...hostPortConflicts(containers, field)];
}

/** Init containers: any number, no readiness or liveness probes unless they are sidecars. */
export function validateInitContainers(
  containers: readonly V1Container[] | undefined,
  regular: readonly V1Container[] | undefined,
  volumes: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const names = new Set((regular ?? []).map(({ name }) => name));
  const errors = validateEach(containers ?? [], volumes, field, names);
  for (const [index, container] of (containers ?? []).entries()) {
    if (container.restartPolicy === 'Always') continue;
    for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const) {
      if (!container[probe]) continue;
      errors.push({
        reason: 'FieldValueForbidden',
        field: `${field}[${index}].${probe}`,
        message: 'Forbidden: may not be set for init containers without restartPolicy=Always',
      });
    }
  }
  return errors;
}

function validateEach(
  containers: readonly V1Container[],
  volumes: ReadonlySet<string>,
  field: string,
  names: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateContainer(container, volumes, path));
    const name = container.name ?? '';
    if (name !== '' && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (container.lifecycle?.postStart) {
      errors.push(...validateHandler(container.lifecycle.postStart, `${path}.lifecycle.postStart`));
    }
    if (container.lifecycle?.preStop) {
      errors.push(...validateHandler(container.lifecycle.preStop, `${path}.lifecycle.preStop`));
    }
    errors.push(...validateProbe(container.livenessProbe, `${path}.livenessProbe`, true));
    errors.push(...validateProbe(container.readinessProbe, `${path}.readinessProbe`, false));
    errors.push(...validateProbe(container.startupProbe, `${path}.startupProbe`, true));
  }
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
