import type { CommandId } from '../../protocol/ids.ts';
import type { Problem, SessionEvent } from '../../protocol/session/events.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';

/** What the history says of the last turn, which did not come to its end. */
export interface CutTurn {
  /** Its prompt; null where that lies too far back. */
  readonly prompt: readonly PromptPart[] | null;
  /** The host sent it again, or told the agent to go on. */
  readonly byHost: boolean;
  /** The agent did or said something beyond telling its error. */
  readonly wasHeard: boolean;
  /** Tool calls that ran when it was cut, by their titles. */
  readonly cutTools: readonly string[];
  /** What it ended with. */
  readonly problem: Problem | null;
  /** Kind of the problem that the turn before it ended with. */
  readonly earlierProblem: string | null;
}

/** Pages of the history, newest first; null when there is no more. */
export type EarlierEvents = (before: number | null) => readonly SessionEvent[] | null;

const MAX_PAGES = 20;
const HEARD: ReadonlySet<string> = new Set([
  'agent.text',
  'agent.thought',
  'agent.image',
  'agent.link',
  'tool.updated',
  'plan.updated',
  'approval.opened',
]);

const UNKNOWN: CutTurn = {
  prompt: null,
  byHost: false,
  wasHeard: true,
  cutTools: [],
  problem: null,
  earlierProblem: null,
};

/** Reads back as far as it must, and never further than {@link MAX_PAGES} pages. */
export function lastTurn(earlier: EarlierEvents): CutTurn {
  let events: SessionEvent[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const more = earlier(events[0]?.seq ?? null);
    if (more === null || more.length === 0) break;
    events = [...more, ...events];
    if (isWhole(events)) break;
  }
  return cutTurnOf(events);
}

/** Whether the prompt of the last turn and the end of the turn before it are among them. */
function isWhole(events: readonly SessionEvent[]): boolean {
  const start = events.findLastIndex(({ type }) => type === 'turn.started');
  const started = events[start];
  if (started?.type !== 'turn.started') return false;
  const hasPrompt = events.some((event) => isPromptOf(event, started.commandId));
  const hasEarlier = events.slice(0, start).some(({ type }) => type === 'turn.ended');
  return hasPrompt && (hasEarlier || started.turn === 1);
}

function isPromptOf(event: SessionEvent, commandId: CommandId): boolean {
  return event.type === 'prompt.queued' && event.commandId === commandId;
}

export function cutTurnOf(events: readonly SessionEvent[]): CutTurn {
  const start = events.findLastIndex(({ type }) => type === 'turn.started');
  const started = events[start];
  if (started?.type !== 'turn.started') return UNKNOWN;
  const queued = events.findLast((event) => isPromptOf(event, started.commandId));
  const earlier = events.slice(0, start).findLast(({ type }) => type === 'turn.ended');
  const turn = events.slice(start + 1);
  const end = turn.findIndex(({ type }) => type === 'turn.ended');
  const inTurn = end < 0 ? turn : turn.slice(0, end);
  const ended = end < 0 ? undefined : turn[end];
  const problem = ended?.type === 'turn.ended' ? (ended.problem ?? null) : null;
  return {
    prompt: queued?.type === 'prompt.queued' ? queued.prompt : null,
    byHost: queued?.type === 'prompt.queued' && queued.by === BY_HOST,
    wasHeard: wasHeard(inTurn, problem?.message ?? ''),
    cutTools: cutTools(inTurn),
    problem,
    earlierProblem: earlier?.type === 'turn.ended' ? (earlier.problem?.kind ?? null) : null,
  };
}

/** Claude and Codex also say the error that ends the turn as a text of the agent: that is no work. */
function wasHeard(turn: readonly SessionEvent[], error: string): boolean {
  const heard = turn.filter(({ type }) => HEARD.has(type));
  if (heard.some(({ type }) => type !== 'agent.text')) return true;
  const said = heard
    .map((event) => (event.type === 'agent.text' ? event.text : ''))
    .join('')
    .trim();
  return said !== '' && !error.includes(said);
}

/** Those that the host closed when the turn ended: the last events before its end, nothing else told of them. */
function cutTools(turn: readonly SessionEvent[]): string[] {
  const ids: string[] = [];
  for (const event of turn.toReversed()) {
    if (event.type === 'approval.closed') continue;
    if (event.type !== 'tool.updated' || event.status !== 'failed') break;
    const { type: _, seq: __, at: ___, toolCallId, status: ____, ...told } = event;
    if (Object.keys(told).length > 0) break;
    ids.unshift(toolCallId);
  }
  return ids.map((id) => {
    const named = turn.find(
      (event) => event.type === 'tool.updated' && event.toolCallId === id && event.title,
    );
    return named?.type === 'tool.updated' ? (named.title ?? id) : id;
  });
}

const CONTINUE = 'Continue where you were interrupted.';
const MAX_NAMED_TOOLS = 10;
const TITLE_CHARS = 300;

/** The prompt that has the agent go on: its own again when it had not begun, else to continue. */
export function goOnPrompt({ prompt, wasHeard: heard, cutTools: cut }: CutTurn): PromptPart[] {
  if (!heard && prompt !== null) return [...prompt];
  if (cut.length === 0) return [{ type: 'text', text: CONTINUE }];
  const named = cut.slice(0, MAX_NAMED_TOOLS).map((title) => `- ${oneLine(title)}`);
  if (cut.length > named.length) named.push(`- and ${cut.length - named.length} more`);
  const text = [
    CONTINUE,
    '',
    'These tool calls were cut short, and may or may not have had an effect; look before you repeat them:',
    ...named,
  ].join('\n');
  return [{ type: 'text', text }];
}

function oneLine(title: string): string {
  const line = title.replaceAll(/\s+/g, ' ').trim();
  return [...line].slice(0, TITLE_CHARS).join('');
}
