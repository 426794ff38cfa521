import { assertNever } from '../../base/assert-never.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import { approvalText } from '../output/approval-text.ts';
import { indent, oneLine, visible } from '../output/text.ts';

/** What a person typed, with images and links named. */
export function promptLine(prompt: readonly PromptPart[]): string {
  return prompt
    .map((part) =>
      part.type === 'text'
        ? part.text
        : part.type === 'image'
          ? `[image ${part.mimeType}]`
          : `[${part.name}]`,
    )
    .join(' ');
}

/**
 * Makes `watch` readable: streamed text runs on, everything else gets lines of its own. One for
 * each session that is watched, since text and tool calls arrive in parts.
 */
export class EventText {
  readonly #nowMs: () => number;
  /** What the text on the open line belongs to; null at the start of a line. */
  #open: 'agent' | 'thought' | 'user' | null = null;
  readonly #tools = new Map<string, string>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What to print for the event, newlines included; empty for what a person need not see. */
  of(event: SessionEvent): string {
    switch (event.type) {
      case 'agent.text':
        return this.#run('agent', event.text);
      case 'agent.thought':
        return this.#run('thought', event.text);
      case 'user.text':
        return this.#run('user', event.text);
      default: {
        const lines = this.#lines(event);
        return lines === '' ? '' : `${this.close()}${lines}\n`;
      }
    }
  }

  /** Ends the line of text that is open. */
  close(): string {
    const open = this.#open !== null;
    this.#open = null;
    return open ? '\n' : '';
  }

  #run(who: 'agent' | 'thought' | 'user', text: string): string {
    const lead = who === 'thought' ? '(thinking) ' : who === 'user' ? '> ' : '';
    const start = this.#open === who ? '' : `${this.close()}${lead}`;
    this.#open = who;
    return start + visible(text);
  }

  #lines(
    event: Exclude<SessionEvent, { type: 'agent.text' | 'agent.thought' | 'user.text' }>,
  ): string {
    switch (event.type) {
      case 'session.created':
        return `* session ${event.sessionId}: ${event.agent} in ${oneLine(event.worktree ?? event.cwd)}, mode ${event.mode}`;
      case 'session.titled':
        return `* title: ${oneLine(event.title)}`;
      case 'session.failed':
        return `! failed: ${problem(event.problem)}`;
      case 'session.ended':
        return `* ended by ${byText(event.by)}`;
      case 'session.archived':
        return `* ${event.archived ? 'archived' : 'taken out of the archive'} by ${byText(event.by)}`;
      case 'agent.starting':
        return '* the agent is starting';
      case 'agent.started':
        return `* ${oneLine(event.name)} ${oneLine(event.version)} ${event.loaded ? 'took the session up again' : 'is ready'}`;
      case 'agent.exited':
        return event.expected
          ? ''
          : `! the agent ended unexpectedly (${event.signal ?? `exit code ${event.code}`})`;
      case 'prompt.queued':
        return indent(visible(promptLine(event.prompt)), '> ');
      case 'prompt.dropped':
        return '* a waiting prompt was taken back';
      case 'turn.started':
        return '';
      case 'turn.ended':
        return `* turn ${event.turn} ${event.outcome}${event.problem === undefined ? '' : `: ${problem(event.problem)}`}`;
      case 'agent.image':
        return `[image ${oneLine(event.mimeType)}]`;
      case 'agent.link':
        return `[${oneLine(event.name)}] ${oneLine(event.uri)}`;
      case 'tool.updated':
        return this.#tool(event);
      case 'plan.updated':
        return event.entries
          .map((entry) => `- ${PLAN_MARKS[entry.status]} ${oneLine(entry.content)}`)
          .join('\n');
      case 'mode.changed':
        return event.undoes === undefined
          ? `* mode ${event.mode ?? oneLine(event.native)} (by ${byText(event.by)})`
          : `* mode ${event.mode ?? oneLine(event.native)}: put back, since the agent went into ${event.undoes ?? 'one of its own'} by itself`;
      case 'options.changed':
      case 'commands.changed':
      case 'usage.updated':
        return '';
      case 'context.compacted':
        return event.status === 'in_progress'
          ? '* the agent is shortening its context'
          : `* context shortened: ${event.status}`;
      case 'notice':
        return `${event.level === 'info' ? '*' : '!'} ${visible(event.text)}`;
      case 'approval.opened':
        return `? needs you\n${indent(approvalText(event.approval, this.#nowMs()), '  ')}`;
      case 'approval.decided':
        return `* ${event.approvalId} ${event.allowed ? 'allowed' : 'denied'} by ${event.rule === undefined ? byText(event.by) : `rule: ${oneLine(event.rule.text)}`}${event.reason === undefined ? '' : `: ${visible(event.reason)}`}`;
      case 'approval.delivered':
        return '';
      case 'approval.finished':
        return event.failed ? `* ${event.approvalId}: the call failed` : '';
      case 'session.parked':
        return `* parked until ${event.until}: ${visible(event.reason)}`;
      case 'session.unparked':
        return event.goesOn ? '* goes on' : `* not waiting any more (by ${byText(event.by)})`;
      case 'worktree.made':
        return `* worktree ${oneLine(event.path)}`;
      case 'worktree.landed':
        return `* landed on ${oneLine(event.base)} (${event.way}, ${event.commits} commits)`;
      case 'worktree.discarded':
        return `* worktree removed${event.keptAs === null ? '' : `; kept as ${oneLine(event.keptAs)}`}`;
      case 'machine.sleeping':
        return `* the machine goes to sleep: ${visible(event.why)}`;
      case 'machine.woke':
        return `* the machine is awake again; it slept since ${event.sleptFrom}: ${visible(event.why)}`;
      case 'unrecognized':
        return `* ${oneLine(event.name)} (from a newer host)`;
      case 'approval.closed':
        return `* ${event.approvalId} closed: ${event.reason}`;
      default:
        return assertNever(event, 'event');
    }
  }

  /** A line at first sight of a call, and one when its title or state changes. */
  #tool(event: Extract<SessionEvent, { type: 'tool.updated' }>): string {
    const before = this.#tools.get(event.toolCallId);
    const title = event.title ?? event.tool;
    const name = oneLine(title ?? before ?? event.toolCallId);
    const ended = event.status === 'completed' || event.status === 'failed';
    if (ended) this.#tools.delete(event.toolCallId);
    else this.#tools.set(event.toolCallId, name);
    if (ended) return `[${event.status === 'completed' ? 'done' : 'failed'}] ${name}`;
    return name === before ? '' : `[tool] ${name}`;
  }
}

function problem(given: { message: string; fix?: string }): string {
  return visible(given.fix === undefined ? given.message : `${given.message} Fix: ${given.fix}`);
}

export const PLAN_MARKS = { pending: '[ ]', in_progress: '[>]', completed: '[x]' } as const;

/** A device by its name: `ended by Pixel 9`. */
function byText(by: string): string {
  return oneLine(by.replace(/^device:/u, ''));
}
