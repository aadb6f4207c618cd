export { containerEnv, type EnvSources } from './container-env.ts';
export { type Allocatable, type PlacedFacts, podField, resourceField } from './fields.ts';
export {
  type DataKind,
  type DataObjects,
  dataKey,
  envReferences,
  type ObjectData,
  objectData,
} from './objects.ts';
export { linkedServices, type ServiceFacts, serviceVariables } from './service-env.ts';
