import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import type { TableColumn } from '../../registry/kind.ts';
import { column, columnOf, wide } from '../tables/index.ts';

const names = 'Names of each container in the template.';
const images = 'Images referenced by each container in the template.';

/** CONTAINERS, IMAGES and SELECTOR, the wide columns of everything that makes pods. */
export function templateColumns(selectorOf: string): TableColumn[] {
  return [
    column('Containers', names, wide),
    column('Images', images, wide),
    columnOf('Selector', selectorOf, wide),
  ];
}

export function templateCells(template: V1PodTemplateSpec | undefined): [string, string] {
  const containers = template?.spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image ?? '').join(',')];
}
