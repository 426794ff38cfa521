import { z } from 'zod';
import { MAX_EVENT_BYTES, MAX_TITLE_CHARS } from '../../../protocol/limits.ts';
import type { EventBody } from '../../../protocol/session/events.ts';
import type { AgentOption } from '../../../protocol/transcript/content.ts';
import {
  updateSchemas,
  type ConfigOption,
  type ContentBlock,
  type UpdateKind,
} from './acp-schema.ts';
import { clip, pieces } from './acp-text.ts';
import { toolPatch } from './acp-tools.ts';

/** A text event is cut into events of at most this; 4 bytes a character is the worst case. */
const TEXT_CHARS = MAX_EVENT_BYTES / 8;
const NOTICE_CHARS = 4_000;
/** Lists an agent may send in one update; more is a mistake, and no person reads it. */
const MAX_LIST = 1_000;

const kindSchema = z.object({ sessionUpdate: z.string() });

type Translations = {
  readonly [K in UpdateKind]: (update: z.infer<(typeof updateSchemas)[K]>) => EventBody[];
};

const translations: Translations = {
  user_message_chunk: ({ content, messageId }) => said('user.text', content, messageId),
  agent_message_chunk: ({ content, messageId }) => said('agent.text', content, messageId),
  agent_thought_chunk: ({ content, messageId }) => said('agent.thought', content, messageId),
  tool_call: (call) => [{ type: 'tool.updated', ...toolPatch(call) }],
  tool_call_update: (call) => [{ type: 'tool.updated', ...toolPatch(call) }],
  plan: ({ entries }) => [{ type: 'plan.updated', entries: entries.slice(0, MAX_LIST) }],
  available_commands_update: ({ availableCommands }) => [
    {
      type: 'commands.changed',
      commands: availableCommands.slice(0, MAX_LIST).map(({ name, description, input }) => ({
        name,
        description,
        ...(input !== undefined && { hint: input.hint }),
      })),
    },
  ],
  // The session owns its mode and the version of it: see nativeModeOf.
  current_mode_update: () => [],
  config_option_update: ({ configOptions }) => [
    { type: 'options.changed', options: agentOptions(configOptions) },
  ],
  session_info_update: ({ title }) =>
    title === undefined || title.trim() === ''
      ? []
      : [{ type: 'session.titled', title: oneLine(title), by: 'agent' }],
  usage_update: ({ used, size, cost }) => [
    { type: 'usage.updated', used, size, ...(cost !== undefined && { cost }) },
  ],
  notice: ({ severity, title, description }) => [
    {
      type: 'notice',
      level: severity === 'error' || severity === 'warning' ? severity : 'info',
      text: clip(description === undefined ? title : `${title}\n${description}`, NOTICE_CHARS).text,
      by: 'agent',
    },
  ],
  compaction_update: ({ status, summary, error }) => [
    {
      type: 'context.compacted',
      status,
      ...compactionText(error ?? (summary ?? []).map(blockText).join('')),
    },
  ],
  compaction_summary_chunk: ({ content }) => [
    { type: 'context.compacted', status: 'in_progress', ...compactionText(blockText(content)) },
  ],
};

/**
 * One `session/update` as events of ours. Never throws: a kind that we do not know is nothing, and
 * a known one of a wrong shape is a `notice` that says so. The table of kinds, events and views is
 * `protocol/transcript/acp-table.ts`.
 *
 * `current_mode_update` gives no event: ask {@link nativeModeOf}. A title from the agent is
 * `session.titled` by `agent`; whether it may replace the present one is the session's business.
 */
export function translateUpdate(update: unknown): EventBody[] {
  const kind = kindSchema.safeParse(update);
  if (!kind.success) return [malformed('without a kind')];
  const name = kind.data.sessionUpdate;
  return isKnown(name) ? translateAs(name, update) : [];
}

/** The agent's own id of the mode that an update says it is in, or null. */
export function nativeModeOf(update: unknown): string | null {
  const kind = kindSchema.safeParse(update);
  if (!kind.success || kind.data.sessionUpdate !== 'current_mode_update') return null;
  const parsed = updateSchemas.current_mode_update.safeParse(update);
  return parsed.success ? parsed.data.currentModeId : null;
}

/** The options of an update of that kind, whole, else null: some agents tell their mode there. */
export function optionsOfUpdate(update: unknown): ConfigOption[] | null {
  const kind = kindSchema.safeParse(update);
  if (!kind.success || kind.data.sessionUpdate !== 'config_option_update') return null;
  const parsed = updateSchemas.config_option_update.safeParse(update);
  return parsed.success ? parsed.data.configOptions : null;
}

/** How ACP marks the setting that decides what the agent may do unasked. */
const MODE_CATEGORY = 'mode';

export function isModeOption({ id, category }: Pick<ConfigOption, 'id' | 'category'>): boolean {
  return category === MODE_CATEGORY || id === MODE_CATEGORY;
}

/**
 * An agent's settings as surfaces show them; groups of values become one list. Its mode is not
 * among them: the host owns that, and no surface may raise it in passing.
 */
export function agentOptions(options: readonly ConfigOption[]): AgentOption[] {
  const settings = options.filter((option) => !isModeOption(option));
  return settings.slice(0, MAX_LIST).map((option) => ({
    id: option.id,
    name: option.name,
    ...(option.category !== undefined && { category: option.category }),
    ...(option.description !== undefined && { description: option.description }),
    current: option.currentValue,
    values: option.type === 'boolean' ? [] : valuesOf(option),
  }));
}

function valuesOf(option: Extract<ConfigOption, { type: 'select' }>): AgentOption['values'] {
  return option.options
    .flatMap((entry) => ('options' in entry ? entry.options : [entry]))
    .slice(0, MAX_LIST)
    .map(({ value, name, description }) => ({
      value,
      name,
      ...(description !== undefined && { description }),
    }));
}

function isKnown(name: string): name is UpdateKind {
  return Object.hasOwn(updateSchemas, name);
}

function translateAs<K extends UpdateKind>(name: K, update: unknown): EventBody[] {
  const parsed = updateSchemas[name].safeParse(update);
  if (!parsed.success) return [malformed(name)];
  // The two tables share their keys; TypeScript cannot see that through K.
  return translations[name](parsed.data as z.infer<(typeof updateSchemas)[K]>);
}

function malformed(what: string): EventBody {
  const text = `The agent sent an update that cannot be read (${clip(what, 80).text}); it was left out.`;
  return { type: 'notice', level: 'warning', text, by: 'host' };
}

type Speaker = 'user.text' | 'agent.text' | 'agent.thought';

function said(type: Speaker, block: ContentBlock, messageId: string | undefined): EventBody[] {
  const id = messageId !== undefined && { messageId };
  switch (block.type) {
    case 'text':
      return texts(type, block.text, messageId);
    case 'image':
      // A person's own image is in their prompt already.
      if (type === 'user.text') return [];
      if (block.data.length > MAX_EVENT_BYTES / 2)
        return [tooLarge(`an image (${block.mimeType}) of ${block.data.length} characters`)];
      return [{ type: 'agent.image', mimeType: block.mimeType, data: block.data, ...id }];
    case 'audio':
      return type === 'user.text' ? [] : [tooLarge(`audio (${block.mimeType})`)];
    case 'resource_link': {
      const name = block.title ?? block.name ?? block.uri;
      if (type === 'user.text') return texts(type, `[${name}](${block.uri})`, messageId);
      return [{ type: 'agent.link', uri: block.uri, name, ...id }];
    }
    case 'resource': {
      const { uri, text } = block.resource;
      if (type === 'user.text') return texts(type, `[${uri}](${uri})`, messageId);
      return [{ type: 'agent.link', uri, name: uri, ...id }, ...texts(type, text ?? '', messageId)];
    }
  }
}

function texts(type: Speaker, text: string, messageId: string | undefined): EventBody[] {
  return pieces(text, TEXT_CHARS).map((piece) => ({
    type,
    text: piece,
    ...(messageId !== undefined && { messageId }),
  }));
}

function tooLarge(what: string): EventBody {
  return {
    type: 'notice',
    level: 'info',
    text: `The agent sent ${what}, which is not shown here.`,
    by: 'host',
  };
}

function compactionText(text: string): { summary?: string } {
  return text === '' ? {} : { summary: clip(text, TEXT_CHARS).text };
}

function blockText(block: ContentBlock): string {
  return block.type === 'text' ? block.text : '';
}

function oneLine(title: string): string {
  return clip(title.replace(/\s+/g, ' ').trim(), MAX_TITLE_CHARS - 40)
    .text.replace(/\s+/g, ' ')
    .slice(0, MAX_TITLE_CHARS);
}
