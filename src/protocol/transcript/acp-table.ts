import type { EventType } from '../session/events.ts';

export interface AcpTableRow {
  /** What the update becomes; `[]` where it is only used and not kept. */
  readonly events: readonly EventType[];
  /** Where a person sees it. */
  readonly view: string;
}

/**
 * What agents say over ACP v1, what it becomes in a session's history, and where it is shown. The
 * keys are the kinds of `session/update`, and the two requests an agent makes of us. Tests hold it
 * against the SDK's type and against a recorded transcript of each agent.
 */
export const ACP_TABLE = {
  user_message_chunk: { events: ['user.text'], view: 'transcript: what the person said' },
  agent_message_chunk: {
    events: ['agent.text', 'agent.image', 'agent.link', 'notice'],
    view: 'transcript: markdown text, images, links',
  },
  agent_thought_chunk: {
    events: ['agent.thought', 'agent.image', 'agent.link', 'notice'],
    view: 'transcript: thought, folded',
  },
  tool_call: {
    events: ['tool.updated'],
    view: 'transcript: tool call, foldable, with its diff and output',
  },
  tool_call_update: { events: ['tool.updated'], view: 'transcript: the same tool call' },
  plan: { events: ['plan.updated'], view: 'session: plan' },
  available_commands_update: { events: ['commands.changed'], view: 'composer: slash commands' },
  current_mode_update: { events: ['mode.changed'], view: 'session: mode switch' },
  config_option_update: {
    events: ['options.changed'],
    view: 'session: settings (model, effort …)',
  },
  session_info_update: { events: ['session.titled'], view: 'session list: title' },
  usage_update: { events: ['usage.updated'], view: 'session: context used, cost' },
  notice: { events: ['notice'], view: 'transcript: notice' },
  compaction_update: { events: ['context.compacted'], view: 'transcript: context compacted' },
  compaction_summary_chunk: {
    events: ['context.compacted'],
    view: 'transcript: context compacted',
  },
  'session/request_permission': {
    events: ['tool.updated', 'approval.opened'],
    view: 'approval card with the whole command or diff; tray menu',
  },
  'elicitation/create': { events: ['approval.opened'], view: 'approval card: question' },
} as const satisfies Record<string, AcpTableRow>;

export type AcpTableKey = keyof typeof ACP_TABLE;
