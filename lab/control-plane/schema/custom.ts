import type { Definition, DefinitionField } from './definition.ts';

/** Fields every custom resource has. */
const head: Readonly<Record<string, DefinitionField>> = {
  apiVersion: {
    type: 'string',
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  },
  kind: {
    type: 'string',
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  },
  metadata: {
    ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    description:
      "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  },
};

/** Definitions of a custom resource and its spec, as a CustomResourceDefinition would publish them. */
export function customResource(
  name: string,
  description: string,
  spec: Definition & { readonly description: string },
): Record<string, Definition> {
  return {
    [name]: {
      description,
      properties: { ...head, spec: { ref: `${name}Spec`, description: spec.description } },
    },
    [`${name}Spec`]: spec,
  };
}

export const text = (description: string): DefinitionField => ({ type: 'string', description });
export const flag = (description: string): DefinitionField => ({ type: 'boolean', description });
export const integer = (description: string): DefinitionField => ({ type: 'integer', description });
export const texts = (description: string): DefinitionField => ({
  type: 'array',
  items: { type: 'string' },
  description,
});
export const selectors = (description: string): DefinitionField => ({
  type: 'array',
  items: { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector' },
  description,
});
