import { z } from 'zod';
import type { SessionUpdate, ToolCall } from '@agentclientprotocol/sdk';

const toolContentSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('content'),
    content: z.object({ type: z.literal('text'), text: z.string() }),
  }),
  z.object({
    type: z.literal('diff'),
    path: z.string(),
    oldText: z.string().nullish(),
    newText: z.string(),
  }),
]);

const toolSchema = z.object({
  say: z.literal('tool'),
  toolCallId: z.string(),
  title: z.string(),
  name: z.string().optional(),
  kind: z.enum(['read', 'edit', 'execute', 'search', 'think', 'other']).optional(),
  status: z.enum(['pending', 'in_progress', 'completed', 'failed']).optional(),
  content: z.array(toolContentSchema).optional(),
  locations: z.array(z.object({ path: z.string() })).optional(),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
});

const entrySchema = z.discriminatedUnion('say', [
  z.object({ say: z.enum(['user', 'agent', 'thought']), messageId: z.string(), text: z.string() }),
  toolSchema,
]);
export type Entry = z.infer<typeof entrySchema>;
export type ToolEntry = z.infer<typeof toolSchema>;
/** What a script changes of a tool call. */
export type ToolChange = Partial<Omit<ToolEntry, 'say' | 'toolCallId'>>;

export const conversationSchema = z.object({
  sessionId: z.string(),
  cwd: z.string(),
  title: z.string().nullable(),
  model: z.enum(['lantern', 'match']),
  updatedAt: z.iso.datetime(),
  entries: z.array(entrySchema),
});
export type Conversation = z.infer<typeof conversationSchema>;

/** A flood is shown, not remembered: a conversation's file stays small. */
const MAX_MESSAGE_CHARS = 64 * 1024;
const MAX_ENTRIES = 500;

/** Adds text to the message it belongs to, or starts that message. */
export function addText(
  entries: Entry[],
  say: 'user' | 'agent' | 'thought',
  messageId: string,
  text: string,
): void {
  const last = entries.at(-1);
  if (last !== undefined && last.say === say && last.messageId === messageId) {
    last.text = (last.text + text).slice(0, MAX_MESSAGE_CHARS);
    return;
  }
  add(entries, { say, messageId, text: text.slice(0, MAX_MESSAGE_CHARS) });
}

export function addTool(entries: Entry[], tool: ToolEntry): void {
  add(entries, tool);
}

function add(entries: Entry[], entry: Entry): void {
  entries.push(entry);
  if (entries.length > MAX_ENTRIES) entries.splice(0, entries.length - MAX_ENTRIES);
}

/** The updates of a replay, with the ids they had live. */
export function replayOf(conversation: Conversation): SessionUpdate[] {
  return conversation.entries.map((entry): SessionUpdate => {
    if (entry.say === 'tool') return { sessionUpdate: 'tool_call', ...toolOnTheWire(entry) };
    const kinds = {
      user: 'user_message_chunk',
      agent: 'agent_message_chunk',
      thought: 'agent_thought_chunk',
    } as const;
    return {
      sessionUpdate: kinds[entry.say],
      messageId: entry.messageId,
      content: { type: 'text', text: entry.text },
    };
  });
}

export function toolOnTheWire(entry: ToolEntry): ToolCall {
  const { say: _say, ...tool } = entry;
  return tool;
}
