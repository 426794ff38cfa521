import { MAX_EVENT_BYTES } from '../../protocol/limits.ts';
import type { EventBody } from '../../protocol/session/events.ts';
import type { ToolContent, ToolPatch } from '../../protocol/transcript/tool-call.ts';

/** Room for everything of an event that is not its long texts. */
const ROOM_BYTES = 64 * 1024;

type ToolUpdated = Extract<EventBody, { type: 'tool.updated' }>;

/**
 * Shortens an event that is over the limit, keeping head and tail of its long texts and saying how
 * much is gone. What someone is to decide on, and what someone has said, is never cut: approvals
 * and prompts have limits of their own at the door where they come in.
 */
export function cutEvent(body: EventBody, maxBytes: number = MAX_EVENT_BYTES): EventBody {
  const budget = Math.max(1_024, maxBytes - ROOM_BYTES);
  switch (body.type) {
    case 'agent.text':
    case 'agent.thought':
    case 'user.text':
    case 'notice':
      return { ...body, text: headAndTail(body.text, budget).text };
    case 'agent.image':
      return {
        type: 'notice',
        level: 'warning',
        text: `The agent sent an image of ${sizeOf(body.data)} bytes (${body.mimeType}); over ${maxBytes} bytes it is not kept.`,
        by: 'host',
      };
    case 'tool.updated':
      return cutTool(body, budget);
    default:
      return body;
  }
}

function cutTool(body: ToolUpdated, budget: number): ToolUpdated {
  const parts = body.content?.length ?? 0;
  const shares = parts + Number(body.output !== undefined) + Number(body.input !== undefined);
  const share = Math.floor(budget / Math.max(1, shares));
  let leftOut = body.leftOutBytes ?? 0;
  const cut = (text: string, bytes: number): string => {
    const piece = headAndTail(text, bytes);
    leftOut += piece.leftOutBytes;
    return piece.text;
  };
  const next: ToolUpdated = {
    ...body,
    ...(body.content && { content: body.content.map((part) => cutContent(part, share, cut)) }),
    ...(body.output !== undefined && { output: cutValue(body.output, share, cut) }),
    ...(body.input !== undefined && { input: cutValue(body.input, share, cut) }),
  };
  return { ...next, leftOutBytes: leftOut } satisfies ToolPatch & { type: 'tool.updated' };
}

type Cut = (text: string, bytes: number) => string;

function cutContent(part: ToolContent, share: number, cut: Cut): ToolContent {
  switch (part.type) {
    case 'text':
      return { ...part, text: cut(part.text, share) };
    case 'diff':
      return {
        ...part,
        oldText: part.oldText === null ? null : cut(part.oldText, share / 2),
        newText: cut(part.newText, share / 2),
      };
    case 'resource':
      return part.text === undefined ? part : { ...part, text: cut(part.text, share) };
    case 'image':
      return part.data.length <= share
        ? part
        : { type: 'text', text: cut(part.data, 0).replace(/^/, `Image (${part.mimeType}): `) };
  }
}

/** Raw input and output have any shape: one long string stays a string, the rest becomes its JSON. */
function cutValue(value: unknown, share: number, cut: Cut): unknown {
  if (typeof value === 'string') return cut(value, share);
  const json = JSON.stringify(value) ?? 'null';
  return json.length <= share && sizeOf(json) <= share ? value : cut(json, share);
}

/** UTF-8 size as JSON would have it; escapes (quotes, newlines) count too. */
function sizeOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** Head and tail of equal size, cut between characters, with a mark in between. */
export function headAndTail(
  text: string,
  maxBytes: number,
): { text: string; leftOutBytes: number } {
  if (text.length <= maxBytes && sizeOf(text) <= maxBytes) return { text, leftOutBytes: 0 };
  const half = Math.floor(maxBytes / 2);
  const head = prefixOf(text, half);
  const tail = suffixOf(text.slice(head.length), half);
  const leftOutBytes = Buffer.byteLength(text) - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return { text: `${head}\n[… ${leftOutBytes} bytes left out …]\n${tail}`, leftOutBytes };
}

function prefixOf(text: string, maxBytes: number): string {
  const length = longest(
    Math.min(text.length, maxBytes),
    (n) => sizeOf(text.slice(0, n)) <= maxBytes,
  );
  return isHighSurrogate(text, length - 1) ? text.slice(0, length - 1) : text.slice(0, length);
}

function suffixOf(text: string, maxBytes: number): string {
  const length = longest(
    Math.min(text.length, maxBytes),
    (n) => sizeOf(text.slice(text.length - n)) <= maxBytes,
  );
  const start = text.length - length;
  return isHighSurrogate(text, start - 1) ? text.slice(start + 1) : text.slice(start);
}

/** The largest n ≤ `limit` for which `fits(n)`, which is true up to some n and false after it. */
function longest(limit: number, fits: (n: number) => boolean): number {
  let low = 0;
  let high = limit;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}
