import type { EngineCandidate } from './find-engine.js';

export function ensureEngine(options?: { log?: (line: string) => void }): Promise<EngineCandidate>;
