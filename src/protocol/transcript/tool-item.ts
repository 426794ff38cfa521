import type { TurnOutcome } from '../session/events.ts';
import type { ToolItem } from './item.ts';
import type { ToolPatch, ToolStatus } from './tool-call.ts';

export function newTool(patch: ToolPatch, key: string, seq: number, at: string): ToolItem {
  const empty: ToolItem = {
    kind: 'tool',
    key,
    seq,
    at,
    toolCallId: patch.toolCallId,
    toolKind: undefined,
    status: 'pending',
    reported: undefined,
    cutShort: null,
    endedAt: null,
  };
  return patchTool(empty, patch, at);
}

/** Absent means "as before". A call that has ended stays ended, whatever an agent says late. */
export function patchTool(item: ToolItem, patch: ToolPatch, at: string): ToolItem {
  const reported =
    hasEnded(item.reported) && !hasEnded(patch.status)
      ? item.reported
      : (patch.status ?? item.reported);
  return {
    ...withStatus(item, { reported, cutShort: item.cutShort }),
    title: patch.title ?? item.title,
    tool: patch.tool ?? item.tool,
    toolKind: patch.kind ?? item.toolKind,
    input: patch.input ?? item.input,
    output: patch.output ?? withMore(item.output, patch.moreOutput),
    content: patch.content ?? item.content,
    locations: patch.locations ?? item.locations,
    leftOutBytes: patch.leftOutBytes ?? item.leftOutBytes,
    endedAt: item.endedAt ?? (hasEnded(reported) ? at : null),
  };
}

/** The end is kept of what grows too long: that is where errors are. */
const MAX_STREAMED_CHARS = 512 * 1024;

function withMore(output: unknown, more: string | undefined): unknown {
  if (more === undefined) return output;
  return `${typeof output === 'string' ? output : ''}${more}`.slice(-MAX_STREAMED_CHARS);
}

/** What a later page of history knows of a call, laid over what an earlier one knows. */
export function joinTools(older: ToolItem, newer: ToolItem): ToolItem {
  const patch = { ...newer, kind: newer.toolKind, status: newer.reported };
  return patchTool(older, patch, newer.endedAt ?? newer.at);
}

/** The turn ended badly and this call with it, unless it had ended by then. */
export function cutToolShort(item: ToolItem, outcome: TurnOutcome): ToolItem {
  return item.cutShort !== null
    ? item
    : withStatus(item, { reported: item.reported, cutShort: outcome });
}

/** An agent that completes its turn may leave a call running in the background. */
export function cutsToolsShort(outcome: TurnOutcome): boolean {
  return outcome !== 'completed';
}

function withStatus(
  item: ToolItem,
  { reported, cutShort }: Pick<ToolItem, 'reported' | 'cutShort'>,
): ToolItem {
  if (hasEnded(reported)) return { ...item, reported, status: reported, cutShort: null };
  return {
    ...item,
    reported,
    cutShort,
    status: cutShort === null ? (reported ?? 'pending') : 'failed',
  };
}

function hasEnded(status: ToolStatus | undefined): status is 'completed' | 'failed' {
  return status === 'completed' || status === 'failed';
}
