import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { LabAccess } from './access.ts';
import type { ScenarioInfo } from './record.ts';

/** Manifests of any kind that lie beside a scenario file, and which of them the lab has now. */
export interface Manifests {
  apply(file: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Files that were applied and not removed, oldest first. */
  applied(): readonly string[];
  /** The path as a learner types it in the project's folder. */
  typed(file: string): string;
}

/** @param scenario whose file the paths are relative to */
export function createManifests(access: LabAccess, scenario: Pick<ScenarioInfo, 'id' | 'file'>): Manifests {
  const applied = new Set<string>();
  const read = (file: string): Promise<string> => readFile(resolve(dirname(scenario.file), file), 'utf8');
  return {
    async apply(file) {
      const text = await read(file);
      // Before the attempt: one that fails half-way leaves objects, too.
      applied.delete(file);
      applied.add(file);
      await access.apply(text);
    },
    async remove(file) {
      await access.remove(await read(file));
      applied.delete(file);
    },
    applied: () => [...applied],
    typed: (file) => join('scenarios', dirname(scenario.id), file),
  };
}
