import { z } from 'zod';
import type { FileDiff } from '../../../protocol/approval/approval.ts';
import { MAX_EVENT_BYTES } from '../../../protocol/limits.ts';
import type { ToolContent, ToolPatch } from '../../../protocol/transcript/tool-call.ts';
import type { AcpToolCall, AcpToolContent, ContentBlock } from './acp-schema.ts';
import { clip, isTooDeep, MAX_TOOL_TEXT_CHARS } from './acp-text.ts';

/** Leaves room for the event's other fields, and for JSON's escapes of what was measured raw. */
const PATCH_BYTES = MAX_EVENT_BYTES / 2;
const TOO_DEEP = '(nested too deeply to keep)';

/** Spends the bytes one patch may take, and counts what did not fit. */
class Budget {
  leftOutBytes = 0;
  #bytes = PATCH_BYTES;

  text(text: string): string {
    const most = Math.max(0, Math.min(MAX_TOOL_TEXT_CHARS, this.#bytes));
    const clipped = clip(text, most);
    this.#bytes -= Buffer.byteLength(clipped.text);
    this.leftOutBytes += clipped.leftOutBytes;
    return clipped.text;
  }

  /** All or nothing: half an image is none. */
  whole(text: string): string | null {
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#bytes) {
      this.leftOutBytes += bytes;
      return null;
    }
    this.#bytes -= bytes;
    return text;
  }

  /** Any JSON: kept as it is, or as the beginning and end of its text. */
  json(value: unknown): unknown {
    if (value === undefined) return undefined;
    if (isTooDeep(value)) return TOO_DEEP;
    if (typeof value === 'string') return this.text(value);
    const text = JSON.stringify(value);
    if (text.length <= Math.min(MAX_TOOL_TEXT_CHARS, this.#bytes)) {
      this.#bytes -= Buffer.byteLength(text);
      return value;
    }
    return this.text(text);
  }
}

/**
 * What a `tool_call`, a `tool_call_update` or a permission request says of a call, within the size
 * of an event. `input` may come cut here; an approval keeps its call whole.
 */
export function toolPatch(call: AcpToolCall): ToolPatch {
  const budget = new Budget();
  const input = budget.json(call.rawInput);
  const content = call.content?.flatMap((item) => toolContent(item, budget));
  const output = budget.json(call.rawOutput);
  const more = streamedOutput(call);
  const moreOutput = more === undefined ? undefined : budget.text(more);
  const tool = toolName(call);
  const locations = call.locations?.map(({ path, line }) => ({
    path,
    ...(line !== undefined && { line }),
  }));
  return {
    toolCallId: call.toolCallId,
    ...(call.title !== undefined && { title: budget.text(call.title) }),
    ...(tool !== undefined && { tool }),
    ...(call.kind !== undefined && { kind: call.kind }),
    ...(call.status !== undefined && { status: call.status }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(moreOutput !== undefined && { moreOutput }),
    ...(content !== undefined && { content }),
    ...(locations !== undefined && { locations }),
    ...(budget.leftOutBytes > 0 && { leftOutBytes: budget.leftOutBytes }),
  };
}

/** The agent's own name of the tool: ACP's `name`, else where Claude's adapter puts it. */
export function toolName(call: AcpToolCall): string | undefined {
  if (call.name !== undefined) return call.name;
  const claude = call._meta?.claudeCode;
  if (
    typeof claude === 'object' &&
    claude !== null &&
    'toolName' in claude &&
    typeof claude.toolName === 'string'
  )
    return claude.toolName;
  return undefined;
}

const streamedSchema = z.object({ data: z.string() });

/**
 * Codex shows a command as a terminal, and streams what it prints outside of ACP's own fields, in
 * the form that Zed reads (codex-acp 2.6.0). Goes when it sends `content` to clients without terminals.
 */
function streamedOutput(call: AcpToolCall): string | undefined {
  const parsed = streamedSchema.safeParse(
    call._meta?.terminal_output_delta ?? call._meta?.terminal_output,
  );
  return parsed.success ? parsed.data.data : undefined;
}

/** Whole diffs of a call, as an approval shows them. */
export function diffsOf(call: AcpToolCall): FileDiff[] {
  return (call.content ?? []).flatMap((item) =>
    item.type === 'diff'
      ? [{ path: item.path, oldText: item.oldText ?? null, newText: item.newText }]
      : [],
  );
}

/** The plain text among a call's content. */
export function textOf(call: AcpToolCall): string {
  return (call.content ?? [])
    .flatMap((item) =>
      item.type === 'content' && item.content.type === 'text' ? [item.content.text] : [],
    )
    .join('\n');
}

function toolContent(item: AcpToolContent, budget: Budget): ToolContent[] {
  switch (item.type) {
    case 'content':
      return blockContent(item.content, budget);
    case 'diff':
      return [
        {
          type: 'diff',
          path: item.path,
          oldText: item.oldText === undefined ? null : budget.text(item.oldText),
          newText: budget.text(item.newText),
        },
      ];
    case 'terminal':
      return [{ type: 'resource', uri: `terminal:${item.terminalId}` }];
  }
}

function blockContent(block: ContentBlock, budget: Budget): ToolContent[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: budget.text(block.text) }];
    case 'image': {
      const data = budget.whole(block.data);
      return data === null ? [] : [{ type: 'image', mimeType: block.mimeType, data }];
    }
    case 'audio':
      return [{ type: 'text', text: `(audio, ${block.mimeType}, not shown)` }];
    case 'resource_link':
      return [{ type: 'resource', uri: block.uri, text: block.title ?? block.name ?? block.uri }];
    case 'resource': {
      const { uri, text } = block.resource;
      return [{ type: 'resource', uri, ...(text !== undefined && { text: budget.text(text) }) }];
    }
  }
}
