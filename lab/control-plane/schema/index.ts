export type { ObjectSchema } from './schemas.ts';
export { fieldDescription, schemaNames, schemaOf } from './schemas.ts';
