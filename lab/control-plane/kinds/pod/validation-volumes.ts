import type { V1KeyToPath, V1Volume } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { duplicate, forbidden, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import { isConfigMapKey, isDNS1123Label } from '../meta/index.ts';
import { inFile, validateFieldRef } from './validation-env.ts';

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/**
 * @returns the errors, and the names that mounts may use
 */
export function validateVolumes(
  volumes: readonly V1Volume[] | undefined,
  field: string,
): { readonly errors: FieldError[]; readonly names: ReadonlySet<string> } {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, volume] of (volumes ?? []).entries()) {
    const path = `${field}[${index}]`;
    const found = validateSource(volume, path);
    const name = volume.name ?? '';
    if (name === '') found.push(required(`${path}.name`));
    else {
      const messages = isDNS1123Label(name);
      found.push(...invalidAll(`${path}.name`, name, messages));
      if (messages.length === 0 && names.has(name)) found.push(duplicate(`${path}.name`, name));
    }
    if (found.length === 0) names.add(name);
    errors.push(...found);
  }
  return { errors, names };
}

function validateSource(volume: V1Volume, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  for (const source of sources.slice(1)) {
    errors.push(forbidden(`${path}.${source}`, 'may not specify more than 1 volume type'));
  }
  const { hostPath, configMap, secret, persistentVolumeClaim, downwardAPI, projected, nfs } = volume;
  if (hostPath) {
    if (!hostPath.path) errors.push(required(`${path}.hostPath.path`));
    else if (hostPath.path.split('/').includes('..')) {
      errors.push(invalid(`${path}.hostPath.path`, hostPath.path, "must not contain '..'"));
    }
    if (!hostPathTypes.includes(hostPath.type ?? '')) {
      errors.push(notSupported(`${path}.hostPath.type`, hostPath.type ?? '', hostPathTypes));
    }
  }
  if (configMap) {
    if (!configMap.name) errors.push(required(`${path}.configMap.name`));
    errors.push(...validateMode(configMap.defaultMode, `${path}.configMap.defaultMode`));
    errors.push(...validateItems(configMap.items, `${path}.configMap.items`));
  }
  if (secret) {
    if (!secret.secretName) errors.push(required(`${path}.secret.secretName`));
    errors.push(...validateMode(secret.defaultMode, `${path}.secret.defaultMode`));
    errors.push(...validateItems(secret.items, `${path}.secret.items`));
  }
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName) {
    errors.push(required(`${path}.persistentVolumeClaim.claimName`));
  }
  if (nfs) {
    if (!nfs.server) errors.push(required(`${path}.nfs.server`));
    if (!nfs.path) errors.push(required(`${path}.nfs.path`));
  }
  if (downwardAPI) errors.push(...validateFiles(downwardAPI.items, `${path}.downwardAPI`));
  for (const [index, source] of (projected?.sources ?? []).entries()) {
    const at = `${path}.projected.sources[${index}]`;
    if (source.configMap && !source.configMap.name) errors.push(required(`${at}.configMap.name`));
    if (source.secret && !source.secret.name) errors.push(required(`${at}.secret.name`));
    errors.push(...validateItems(source.configMap?.items, `${at}.configMap.items`));
    errors.push(...validateItems(source.secret?.items, `${at}.secret.items`));
    errors.push(...validateFiles(source.downwardAPI?.items, `${at}.downwardAPI`));
  }
  return errors;
}

function validateItems(items: readonly V1KeyToPath[] | undefined, field: string): FieldError[] {
  return (items ?? []).flatMap((item, index) => {
    const path = `${field}[${index}]`;
    return [
      ...(item.key
        ? invalidAll(`${path}.key`, item.key, isConfigMapKey(item.key))
        : [required(`${path}.key`)]),
      ...validatePath(item.path ?? '', `${path}.path`),
      ...validateMode(item.mode, `${path}.mode`),
    ];
  });
}

type Files = NonNullable<V1Volume['downwardAPI']>['items'];

function validateFiles(items: Files, field: string): FieldError[] {
  return (items ?? []).flatMap((item, index) => {
    const path = `${field}[${index}]`;
    const errors = validatePath(item.path ?? '', `${field}.path`);
    if (item.fieldRef) errors.push(...validateFieldRef(item.fieldRef, inFile, `${field}.fieldRef`));
    else if (!item.resourceFieldRef)
      errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
    return errors;
  });
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '') return [required(field)];
  const errors: FieldError[] = [];
  if (path.startsWith('/')) errors.push(invalid(field, path, 'must be a relative path'));
  if (path.split('/').includes('..')) errors.push(invalid(field, path, "must not contain '..'"));
  if (path.startsWith('..') && !path.startsWith('../') && path !== '..') {
    errors.push(invalid(field, path, "must not start with '..'"));
  }
  return errors;
}

function validateMode(mode: number | undefined, field: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}
