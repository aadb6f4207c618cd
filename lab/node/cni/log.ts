import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AttachmentRequest, Request } from './request.ts';

/**
 * One line for each request in the log file of the configuration. A log that cannot be written must not cost a pod its
 * network.
 */
export function logRequest(request: Request, began: Date, outcome: string): void {
  if (request.command === 'VERSION' || request.config.logFile === undefined) return;
  const { containerID, netns, config } = request;
  const took = Date.now() - began.getTime();
  const said = outcome.trim().replaceAll('\n', ' | ') || 'ok';
  const what = `${containerID} ${netns ?? '-'} ${took}ms ${said}`;
  append(config.logFile as string, `${began.toISOString()} ${request.command} ${whose(request)} ${what}\n`);
}

/** A line about something that went wrong in a request that succeeds all the same. */
export function logProblem(request: AttachmentRequest, problem: string): void {
  const { logFile } = request.config;
  if (logFile === undefined) return;
  const line = `${new Date().toISOString()} problem ${whose(request)} ${request.containerID} ${problem}\n`;
  append(logFile, line);
}

const whose = ({ pod }: AttachmentRequest): string => (pod ? `${pod.namespace}/${pod.name}` : '-');

function append(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, line);
  } catch (error) {
    process.stderr.write(`cannot write ${file}: ${String(error)}\n${line}`);
  }
}
