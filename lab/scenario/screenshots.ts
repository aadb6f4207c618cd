import { resolve } from 'node:path';
import type { LabAccess } from './access.ts';
import { writeEvidence } from './evidence.ts';

/**
 * Ends the story's browser and keeps its screenshots, whether the story passed or failed.
 *
 * @returns their files
 */
export async function keepScreenshots(access: LabAccess, dir: string): Promise<string[]> {
  const screenshots = [...(await access.stopBrowser())];
  if (screenshots.length === 0) return [];
  const files = screenshots.map(([name, text]) => ({ name, text }));
  await writeEvidence(dir, files);
  return files.map(({ name }) => resolve(dir, name));
}
