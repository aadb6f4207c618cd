import { scanError } from './scan-error.ts';

/** How deeply a body may nest: deeper ones would exhaust the stack of what walks over them (Go's limit is 10000). */
const MAX_DEPTH = 200;

/** A syntax error in the words of Go's encoding/json. */
export class GoJsonError extends Error {}

/**
 * Parses JSON.
 * @throws GoJsonError with the message that Go's decoder would give, as error texts quote it
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GoJsonError(scanError(text));
  }
  if (depthOf(text) > MAX_DEPTH) throw new GoJsonError('exceeded max depth');
  return value;
}

/** Nesting of brackets outside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}

/**
 * Fields that an object has twice, as strict decoding names them: `spec.type`, `spec.ports[0].port`.
 * @param text valid JSON
 */
export function duplicateFields(text: string): readonly string[] {
  const found: string[] = [];
  // One frame per open bracket: the keys seen (objects) or the index of the item (arrays).
  const frames: { keys: Set<string> | undefined; key: string; index: number }[] = [];
  let expectKey = false;
  for (let at = 0; at < text.length; at++) {
    const frame = frames.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        frames.push({ keys: new Set(), key: '', index: 0 });
        expectKey = true;
        break;
      case 0x5b: // [
        frames.push({ keys: undefined, key: '', index: 0 });
        expectKey = false;
        break;
      case 0x7d:
      case 0x5d:
        frames.pop();
        expectKey = false;
        break;
      case 0x2c: // ,
        if (frame?.keys) expectKey = true;
        else if (frame) frame.index++;
        break;
      case 0x22: {
        const end = endOfString(text, at);
        if (expectKey && frame?.keys) {
          frame.key = JSON.parse(text.slice(at, end + 1)) as string;
          if (frame.keys.has(frame.key)) found.push(pathOf(frames));
          frame.keys.add(frame.key);
          expectKey = false;
        }
        at = end;
      }
    }
  }
  return [...new Set(found)];
}

function pathOf(frames: readonly { keys: Set<string> | undefined; key: string; index: number }[]): string {
  let path = '';
  for (const { keys, key, index } of frames) path += keys ? `${path === '' ? '' : '.'}${key}` : `[${index}]`;
  return path;
}

/** Index of the quote that closes the string opened at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  return end;
}
