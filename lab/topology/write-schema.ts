import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { topologyJsonSchema } from './json-schema.ts';

// npm run schema
const file = fileURLToPath(new URL('../../topologies/topology.schema.json', import.meta.url));
writeFileSync(file, topologyJsonSchema());
console.log(`wrote ${file}`);
