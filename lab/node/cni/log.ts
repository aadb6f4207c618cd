import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Request } from './request.ts';

/**
 * One line for each request in the log file of the configuration. A log that cannot be written must not cost a pod its
 * network.
 */
export function logRequest(request: Request, began: Date, outcome: string): void {
  if (request.command === 'VERSION' || request.config.logFile === undefined) return;
  const { containerID, pod, netns, config } = request;
  const who = pod ? `${pod.namespace}/${pod.name}` : '-';
  const took = Date.now() - began.getTime();
  const said = outcome.trim().replaceAll('\n', ' | ') || 'ok';
  const line = `${began.toISOString()} ${request.command} ${who} ${containerID} ${netns ?? '-'} ${took}ms ${said}\n`;
  const file = config.logFile as string;
  try {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, line);
  } catch (error) {
    process.stderr.write(`cannot write ${file}: ${String(error)}\n${line}`);
  }
}
