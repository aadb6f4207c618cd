import { resolve } from 'node:path';
import { doctorCommand } from '../../doctor/index.ts';
import { REPOSITORY } from '../../engine/index.ts';
import { loadTopology } from '../../topology/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab doctor`: starts and installs nothing. */
export async function action({ options, format }: VerbContext): Promise<number> {
  const file =
    typeof options.topology === 'string' ? resolve(options.topology) : `${REPOSITORY}topologies/iks.yaml`;
  const topology = await loadTopology(file);
  return doctorCommand(
    { topology, output: format === 'json' ? 'json' : 'table' },
    { stdout: process.stdout },
  );
}
