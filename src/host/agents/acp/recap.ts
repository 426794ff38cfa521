import type { SessionEvent } from '../../../protocol/session/events.ts';
import type { PlanEntry, PromptPart } from '../../../protocol/transcript/content.ts';
import type { ToolPatch } from '../../../protocol/transcript/tool-call.ts';
import { clip } from './acp-text.ts';

/** UTF-8; what an agent reads of an earlier conversation before the next prompt. */
export const MAX_RECAP_BYTES = 16 * 1024;

const FIRST_PROMPT_CHARS = 2_000;
const PROMPT_CHARS = 600;
const REPLY_CHARS = 900;
const MAX_TURNS = 12;
const MAX_FILES = 40;
const MAX_PLAN = 20;
const CHANGING: ReadonlySet<string> = new Set(['edit', 'delete', 'move']);

interface TurnTold {
  asked: string;
  said: string;
  outcome: string;
}

const HEAD = [
  '[Summary of the earlier conversation in this session. The agent lost its own record of it; this was',
  'made from the transcript by Porchlight, the program that runs you. Take it as what was said and done',
  'so far. The files hold the present state: look at them before you rely on it.]',
].join(' ');

/**
 * A summary of a transcript for an agent that lost it: what was asked, how each reply ended, which
 * files were changed, what is open of the plan, how it ended. Null where nothing was said. Older turns
 * give way first; the first prompt, which mostly is the goal, never does.
 */
export function recapOf(
  events: readonly SessionEvent[],
  plan: readonly PlanEntry[],
): string | null {
  const turns = turnsOf(events);
  const [first, ...later] = turns;
  if (first === undefined) return null;
  const files = changedFiles(events);
  let kept = later.slice(-MAX_TURNS);
  for (;;) {
    const text = told(first, kept, later.length - kept.length, files, plan);
    if (kept.length === 0 || Buffer.byteLength(text) <= MAX_RECAP_BYTES)
      return withinBytes(text, MAX_RECAP_BYTES);
    kept = kept.slice(1);
  }
}

function told(
  first: TurnTold,
  later: readonly TurnTold[],
  leftOut: number,
  files: readonly string[],
  plan: readonly PlanEntry[],
): string {
  const parts = [HEAD, turnText(first, FIRST_PROMPT_CHARS)];
  if (leftOut > 0) parts.push(`(${leftOut} more turns, left out here)`);
  parts.push(...later.map((turn) => turnText(turn, PROMPT_CHARS)));
  if (files.length > 0) parts.push(['Files changed so far:', ...list(files, MAX_FILES)].join('\n'));
  const open = plan.filter(({ status }) => status !== 'completed');
  if (open.length > 0)
    parts.push(
      [
        'Open in the plan:',
        ...list(
          open.map(({ status, content }) => `[${status}] ${oneLine(content)}`),
          MAX_PLAN,
        ),
      ].join('\n'),
    );
  parts.push('[End of the summary. What follows is the next prompt.]');
  return parts.join('\n\n');
}

function turnText({ asked, said, outcome }: TurnTold, askedChars: number): string {
  const lines = [`The person asked: ${clip(asked.trim(), askedChars).text}`];
  const end = said.trim();
  if (end !== '') lines.push(`You answered, at the end: ${tail(end, REPLY_CHARS)}`);
  if (outcome !== 'completed') lines.push(`That turn did not come to its end: ${outcome}.`);
  return lines.join('\n');
}

function turnsOf(events: readonly SessionEvent[]): TurnTold[] {
  const prompts = new Map<string, readonly PromptPart[]>();
  const turns: TurnTold[] = [];
  let current: TurnTold | null = null;
  for (const event of events) {
    if (event.type === 'prompt.queued') prompts.set(event.commandId, event.prompt);
    else if (event.type === 'turn.started') {
      const asked = textOf(prompts.get(event.commandId) ?? []);
      current = { asked, said: '', outcome: 'it was cut short' };
      turns.push(current);
    } else if (event.type === 'agent.text' && current !== null)
      // Only its end is told; the whole of a long reply need not be kept for that.
      current.said = (current.said + event.text).slice(-4 * REPLY_CHARS);
    else if (event.type === 'tool.updated' && current !== null && !current.said.endsWith('\n'))
      current.said += '\n';
    else if (event.type === 'turn.ended' && current !== null) current.outcome = event.outcome;
  }
  return turns;
}

function textOf(prompt: readonly PromptPart[]): string {
  return prompt
    .map((part) => {
      if (part.type === 'text') return part.text;
      return part.type === 'link' ? `(link: ${part.name} ${part.uri})` : '(an image)';
    })
    .join('\n');
}

function changedFiles(events: readonly SessionEvent[]): string[] {
  const calls = new Map<string, ToolPatch>();
  for (const event of events)
    if (event.type === 'tool.updated')
      calls.set(event.toolCallId, { ...calls.get(event.toolCallId), ...event });
  const paths = [...calls.values()]
    .filter(({ status }) => status === 'completed')
    .flatMap(({ kind, locations = [], content = [] }) => [
      ...content.flatMap((part) => (part.type === 'diff' ? [part.path] : [])),
      ...(kind !== undefined && CHANGING.has(kind) ? locations.map(({ path }) => path) : []),
    ]);
  return [...new Set(paths.map(oneLine))];
}

function list(items: readonly string[], most: number): string[] {
  const shown = items.slice(-most).map((item) => `- ${clip(item, 300).text}`);
  return items.length > most ? [`- (${items.length - most} more)`, ...shown] : shown;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The end of a text, from a whole character on. */
function tail(text: string, chars: number): string {
  return text.length <= chars ? text : `… ${sound(text.slice(-chars)).replace(/^\uFFFD/, '')}`;
}

/** Sound UTF-8, also where the transcript was not. */
function withinBytes(text: string, bytes: number): string {
  const whole = sound(text);
  if (Buffer.byteLength(whole) <= bytes) return whole;
  return new TextDecoder()
    .decode(Buffer.from(whole).subarray(0, bytes - 4))
    .replace(/\uFFFD+$/, '');
}

/** Half a character becomes U+FFFD. */
function sound(text: string): string {
  return Buffer.from(text).toString('utf8');
}
