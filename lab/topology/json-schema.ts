import * as z from 'zod';
import { topologySchema } from './schema.ts';

/** The topology's JSON Schema (draft 2020-12), as text: what editors complete and check a topology with. Pure. */
export function topologyJsonSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(topologySchema, { io: 'input' });
  return `${JSON.stringify({ $schema, ...rest }, null, 2)}\n`;
}
