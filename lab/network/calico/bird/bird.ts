import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { follow, run, writeIfChanged } from '../../../node/shell/index.ts';
import type { BirdConfigFiles } from './config.ts';
import { isSessionEvent, meshSessions, parseProtocols } from './protocols.ts';

/** Where confd writes in the paper's calico-node pods (Figure 14). */
export const BIRD_CONFIG_DIR = '/etc/calico/confd/config';
const MAIN = join(BIRD_CONFIG_DIR, 'bird.cfg');

export interface BirdEvents {
  /** A line of BIRD's log. */
  onLog(line: string): void;
  /** A session may have changed. */
  onSessionEvent(): void;
  onExit(reason: string): void;
}

/** Writes the configuration files. @returns whether anything changed */
export async function writeBirdConfig(files: BirdConfigFiles): Promise<boolean> {
  let changed = false;
  for (const [name, content] of Object.entries(files)) {
    changed = (await writeIfChanged(join(BIRD_CONFIG_DIR, name), content)) || changed;
  }
  return changed;
}

/**
 * Starts BIRD in the foreground. `-R` (graceful restart) takes over the routes of a BIRD that went before; on a node
 * that has just started there are none, and BIRD would only wait for peers that know nothing of a restart.
 */
export async function startBird(events: BirdEvents): Promise<ChildProcess> {
  const recover = (await run(['ip', 'route', 'show', 'proto', 'bird'])).trim() !== '';
  const bird = follow(['bird', '-f', ...(recover ? ['-R'] : []), '-c', MAIN], (line) => {
    events.onLog(line);
    if (isSessionEvent(line)) events.onSessionEvent();
  });
  bird.on('error', (error) => events.onExit(error.message));
  bird.on('exit', (code, signal) => events.onExit(signal ?? `exit code ${code}`));
  return bird;
}

/** Tells a running BIRD that its files have changed. */
export async function reconfigureBird(): Promise<void> {
  await run(['birdc', 'configure']);
}

/** The mesh sessions as BIRD sees them now; none while it does not answer. */
export async function birdSessions() {
  const output = await run(['birdc', 'show', 'protocols']).catch(() => '');
  return meshSessions(parseProtocols(output));
}
