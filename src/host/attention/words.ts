import { visibleLine, visibleText } from '../../base/visible-text.ts';
import type { Approval, ApprovalKind } from '../../protocol/approval/approval.ts';
import { callText } from '../../protocol/approval/call-text.ts';
import type { AttentionKind } from '../../protocol/attention.ts';
import type { AgentPulse } from '../../protocol/reach.ts';
import type { SessionState, Turn } from '../../protocol/session/state.ts';

export const MAX_TITLE_CHARS = 200;
export const MAX_TEXT_CHARS = 400;
export const MAX_BODY_CHARS = 800;
/** Of a body that may be decided on: with title and ids it must fit a push uncut. */
const MAX_WHOLE_BYTES = 1_600;

const ASKS: Readonly<Record<ApprovalKind, string>> = {
  read: 'Asks to read',
  edit: 'Asks to edit',
  delete: 'Asks to delete',
  move: 'Asks to move',
  search: 'Asks to search',
  execute: 'Asks to run',
  think: 'Asks to think',
  fetch: 'Asks to fetch',
  switch_mode: 'Asks to change its mode',
  other: 'Asks to use a tool',
  question: 'Asks you',
};

/** In a sentence, without the whole call. */
export function asksToDecide(approval: Approval): string {
  const { kind, title, call } = approval;
  const about = kind === 'question' ? (messageOf(call.input) ?? title) : title;
  return cutLine(`${ASKS[kind]}: ${about}`);
}

/** The body of its notification: `isWhole` where it shows all of the call. */
export function bodyOf(approval: Approval): { body: string; isWhole: boolean } {
  const text = asksToDecide(approval);
  const lines = callText(approval.call);
  const whole = visibleText(`${ASKS[approval.kind]}:\n${lines.join('\n')}`);
  const fits =
    whole.length <= MAX_BODY_CHARS && new TextEncoder().encode(whole).length <= MAX_WHOLE_BYTES;
  const isWhole = approval.kind !== 'question' && lines.length > 0 && fits;
  return { body: isWhole ? whole : text, isWhole };
}

export function finishedWords({ startedAt, endedAt }: Turn): string {
  const minutes = Math.round((Date.parse(endedAt ?? startedAt) - Date.parse(startedAt)) / 60_000);
  return minutes < 1 ? 'It is done.' : `It is done, after ${minutes} min.`;
}

export function failedWords(outcome: string, problem: SessionState['problem']): string {
  const message = problem?.message ?? OUTCOMES[outcome] ?? 'The turn failed.';
  return cutLine(problem?.fix === undefined ? message : `${message} ${problem.fix}`);
}

const OUTCOMES: Readonly<Record<string, string>> = {
  interrupted: 'The turn was cut short. Say how it goes on.',
  refused: 'The model would not do it.',
  limited: 'The turn ended at a limit of the model.',
};

export function parkedWords({ reason, until }: NonNullable<SessionState['parked']>): string {
  const at = new Date(until);
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  return cutLine(`It goes on at ${time}. ${reason}`);
}

export function hangsWords({ pulse, because }: AgentPulse): string {
  return cutLine(`${pulse === 'hangs' ? 'Its agent hangs.' : 'Its agent is silent.'} ${because}`);
}

/** For places whose server reads along. */
export const BARE: Readonly<Record<AttentionKind, string>> = {
  decision: 'A session needs a decision.',
  question: 'A session has a question.',
  machine: 'Something is wrong with the machine or an agent.',
  failed: 'A session failed.',
  parked: 'A session is parked.',
  finished: 'A session has finished.',
};

const MANY: Readonly<Record<AttentionKind, readonly [string, string]>> = {
  decision: ['1 decision', 'decisions'],
  question: ['1 question', 'questions'],
  machine: ['1 problem', 'problems'],
  failed: ['1 failed', 'failed'],
  parked: ['1 parked', 'parked'],
  finished: ['1 finished', 'finished'],
};

/** "3 decisions, 1 finished". */
export function countWords(kinds: readonly AttentionKind[]): string {
  const counts = new Map<AttentionKind, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([kind, count]) => (count === 1 ? MANY[kind][0] : `${count} ${MANY[kind][1]}`))
    .join(', ');
}

/** One line that hides nothing. */
export function cutLine(text: string, maxChars = MAX_TEXT_CHARS): string {
  // What is far beyond the limit is not looked at letter by letter.
  return cut(visibleLine(text.slice(0, 4 * maxChars)), maxChars);
}

export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

function messageOf(input: unknown): string | null {
  const isRecord = typeof input === 'object' && input !== null && 'message' in input;
  return isRecord && typeof input.message === 'string' ? input.message : null;
}
