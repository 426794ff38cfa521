import { z } from 'zod';
import { TOOL_KINDS } from '../../../protocol/approval/tool-kinds.ts';
import { toolStatusSchema } from '../../../protocol/transcript/tool-call.ts';

/**
 * What agents say over ACP v1 (https://agentclientprotocol.com), parsed leniently: an optional
 * field of a wrong shape counts as absent, and unknown fields are dropped. Agents are ahead of and
 * behind the specification at the same time, and a session must not die of that.
 */
function lenient<T extends z.ZodType>(schema: T) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
}

/** Keeps the items that fit. */
function lenientArray<T extends z.ZodType>(item: T) {
  return z.array(item.nullable().catch(null)).transform((items) => items.filter((i) => i !== null));
}

function inUtc(time: string): string {
  return new Date(time).toISOString();
}

const looseMetaSchema = lenient(z.record(z.string(), z.unknown()));

const resourceSchema = z.object({
  uri: z.string(),
  text: lenient(z.string()),
  mimeType: lenient(z.string()),
});

export const contentBlockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), data: z.string(), mimeType: z.string() }),
  z.object({ type: z.literal('audio'), data: z.string(), mimeType: z.string() }),
  z.object({
    type: z.literal('resource_link'),
    uri: z.string(),
    name: lenient(z.string()),
    title: lenient(z.string()),
  }),
  z.object({ type: z.literal('resource'), resource: resourceSchema }),
]);
export type ContentBlock = z.infer<typeof contentBlockSchema>;

export const toolContentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('content'), content: contentBlockSchema }),
  z.object({
    type: z.literal('diff'),
    path: z.string(),
    oldText: lenient(z.string()),
    newText: z.string(),
  }),
  /** We do not offer terminals; an agent that shows one anyway shows only its id. */
  z.object({ type: z.literal('terminal'), terminalId: z.string() }),
]);
export type AcpToolContent = z.infer<typeof toolContentSchema>;

/** A `tool_call`, a `tool_call_update` and the `toolCall` of a permission request. */
export const toolCallSchema = z.object({
  toolCallId: z.string(),
  title: lenient(z.string()),
  name: lenient(z.string()),
  kind: lenient(z.enum(TOOL_KINDS)),
  status: lenient(toolStatusSchema),
  content: lenient(lenientArray(toolContentSchema)),
  locations: lenient(lenientArray(z.object({ path: z.string(), line: lenient(z.number()) }))),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
  _meta: looseMetaSchema,
});
export type AcpToolCall = z.infer<typeof toolCallSchema>;

const selectValueSchema = z.object({
  value: z.string(),
  name: z.string(),
  description: lenient(z.string()),
});
const selectGroupSchema = z.object({ name: z.string(), options: lenientArray(selectValueSchema) });
const optionBase = {
  id: z.string(),
  name: z.string(),
  description: lenient(z.string()),
  category: lenient(z.string()),
};
export const configOptionSchema = z.discriminatedUnion('type', [
  z.object({
    ...optionBase,
    type: z.literal('select'),
    currentValue: z.string(),
    options: lenientArray(z.union([selectGroupSchema, selectValueSchema])),
  }),
  z.object({ ...optionBase, type: z.literal('boolean'), currentValue: z.boolean() }),
]);
export const configOptionsSchema = lenientArray(configOptionSchema);
export type ConfigOption = z.infer<typeof configOptionSchema>;

const chunkShape = { content: contentBlockSchema, messageId: lenient(z.string()) };

/** One schema per session/update kind; `acp-events.ts` has one translation per key. */
export const updateSchemas = {
  user_message_chunk: z.object(chunkShape),
  agent_message_chunk: z.object(chunkShape),
  agent_thought_chunk: z.object(chunkShape),
  tool_call: toolCallSchema,
  tool_call_update: toolCallSchema,
  plan: z.object({
    entries: lenientArray(
      z.object({
        content: z.string(),
        priority: z.enum(['high', 'medium', 'low']).catch('medium'),
        status: z.enum(['pending', 'in_progress', 'completed']).catch('pending'),
      }),
    ),
  }),
  available_commands_update: z.object({
    availableCommands: lenientArray(
      z.object({
        name: z.string(),
        description: z.string().catch(''),
        input: lenient(z.object({ hint: z.string() })),
      }),
    ),
  }),
  current_mode_update: z.object({ currentModeId: z.string() }),
  config_option_update: z.object({ configOptions: configOptionsSchema }),
  session_info_update: z.object({ title: lenient(z.string()) }),
  usage_update: z.object({
    used: z.number(),
    size: z.number(),
    cost: lenient(z.object({ amount: z.number(), currency: z.string() })),
  }),
  notice: z.object({
    severity: z.string().catch('info'),
    title: z.string(),
    description: lenient(z.string()),
  }),
  compaction_update: z.object({
    compactionId: lenient(z.string()),
    status: z.enum(['in_progress', 'completed', 'failed']),
    summary: lenient(lenientArray(contentBlockSchema)),
    error: lenient(z.string()),
  }),
  compaction_summary_chunk: z.object({
    compactionId: lenient(z.string()),
    content: contentBlockSchema,
  }),
} as const;
export type UpdateKind = keyof typeof updateSchemas;

export const permissionParamsSchema = z.object({
  sessionId: z.string(),
  toolCall: toolCallSchema,
  options: z.array(z.object({ optionId: z.string(), name: z.string(), kind: z.string() })),
});

export const elicitationParamsSchema = z.object({
  sessionId: lenient(z.string()),
  toolCallId: lenient(z.string()),
  mode: z.string().catch('form'),
  message: z.string(),
  requestedSchema: z.record(z.string(), z.unknown()).optional(),
});

export const sessionUpdateParamsSchema = z.object({ sessionId: z.string(), update: z.unknown() });
/** `$/cancel_request`: the agent no longer waits for the answer to its request. */
export const cancelRequestParamsSchema = z.object({ requestId: z.union([z.string(), z.number()]) });

const capabilitySchema = lenient(z.object({}).loose());
export const initializeResultSchema = z.object({
  protocolVersion: z.number(),
  agentInfo: lenient(
    z.object({ name: z.string(), title: lenient(z.string()), version: z.string().catch('') }),
  ),
  agentCapabilities: z
    .object({
      loadSession: z.boolean().catch(false),
      promptCapabilities: z
        .object({ image: z.boolean().catch(false), embeddedContext: z.boolean().catch(false) })
        .catch({ image: false, embeddedContext: false }),
      sessionCapabilities: z
        .object({ close: capabilitySchema, list: capabilitySchema, resume: capabilitySchema })
        .catch({ close: undefined, list: undefined, resume: undefined }),
    })
    .catch({
      loadSession: false,
      promptCapabilities: { image: false, embeddedContext: false },
      sessionCapabilities: { close: undefined, list: undefined, resume: undefined },
    }),
  authMethods: lenient(
    lenientArray(z.object({ id: z.string(), name: z.string(), description: lenient(z.string()) })),
  ),
});

const modesSchema = lenient(
  z.object({
    currentModeId: z.string(),
    availableModes: lenientArray(z.object({ id: z.string(), name: z.string().catch('') })),
  }),
);
export const newSessionResultSchema = z.object({
  sessionId: z.string().min(1),
  modes: modesSchema,
  configOptions: lenient(configOptionsSchema),
});
/** Some agents answer session/load with `null`. */
export const loadSessionResultSchema = z
  .object({ modes: modesSchema, configOptions: lenient(configOptionsSchema) })
  .nullish()
  .transform((value) => value ?? { modes: undefined, configOptions: undefined });
/** Items of a wrong shape are left out; a time that is none counts as absent. */
export const sessionListSchema = z.object({
  sessions: lenientArray(
    z.object({
      sessionId: z.string().min(1),
      cwd: z.string(),
      title: lenient(z.string()),
      updatedAt: lenient(z.iso.datetime({ offset: true }).transform(inUtc)),
    }),
  ),
  nextCursor: lenient(z.string().min(1)),
});
export type SessionList = z.infer<typeof sessionListSchema>;
export const setOptionResultSchema = z.object({ configOptions: lenient(configOptionsSchema) });
export const promptResultSchema = z.object({ stopReason: z.string() });
