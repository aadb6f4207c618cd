import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(`../../topologies/${name}`, import.meta.url));

/** Where tests that take labs up and down do so; its ranges differ from iks.yaml's, which a user may have running. */
export const SMALL = path('small.yaml');
export const IKS = path('iks.yaml');
