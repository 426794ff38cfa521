import { MAX_JSON_DEPTH } from '../../../base/canonical-json.ts';

/** Kept of one text of a tool call, so that a whole patch stays well below MAX_EVENT_BYTES. */
export const MAX_TOOL_TEXT_CHARS = 512 * 1024;
/** Of a text that is cut, this much of the end is kept: that is where errors are. */
const TAIL_PART = 0.25;

export interface Clipped {
  readonly text: string;
  /** UTF-8 bytes that are not in `text`. */
  readonly leftOutBytes: number;
}

/** Keeps head and tail, never half of a character, and says in place what is missing. */
export function clip(text: string, maxChars: number): Clipped {
  if (text.length <= maxChars) return { text, leftOutBytes: 0 };
  const tailChars = Math.floor(maxChars * TAIL_PART);
  const head = withoutHalf(text.slice(0, maxChars - tailChars), 'end');
  const tail = withoutHalf(text.slice(text.length - tailChars), 'start');
  const leftOutBytes = Buffer.byteLength(text) - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return { text: `${head}\n… ${leftOutBytes} bytes left out …\n${tail}`, leftOutBytes };
}

/** Cuts a long text into pieces, in order and without loss. */
export function pieces(text: string, maxChars: number): string[] {
  const all: string[] = [];
  let at = 0;
  while (at < text.length) {
    let end = Math.min(text.length, at + maxChars);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) && end - 1 > at) end -= 1;
    all.push(text.slice(at, end));
    at = end;
  }
  return all;
}

/** How deep it is nested, found without recursion; stops counting over {@link MAX_JSON_DEPTH}. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH) return true;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
  }
  return false;
}

function withoutHalf(text: string, side: 'start' | 'end'): string {
  if (side === 'end')
    return isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(0, -1) : text;
  return isLowSurrogate(text.charCodeAt(0)) ? text.slice(1) : text;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
