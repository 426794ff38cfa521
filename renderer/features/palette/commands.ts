import type { SessionState, SessionSummary } from '../../../src/protocol/session/state.ts';
import { en } from '../../strings/en.ts';
import { SHORTCUTS, type ShortcutName } from '../keyboard/shortcuts.ts';
import { groupSessions } from '../sessions/grouping.ts';

/** One line of the palette. */
export type Command =
  | { readonly kind: 'act'; readonly name: ShortcutName; readonly words: string }
  | { readonly kind: 'session'; readonly session: SessionSummary; readonly words: string };

/** Decided inside a card, with the card in view; not from a list of words. */
const NOT_LISTED: ReadonlySet<ShortcutName> = new Set(['allow', 'deny', 'batch', 'palette']);
const NEEDS_SESSION: ReadonlySet<ShortcutName> = new Set([
  'message',
  'transcript',
  'mode',
  'side',
  'attach',
  'newest',
  'rename',
  'archive',
]);

/** What can be done now, given the session on screen; what needs doing first. */
export function commandsFor(
  state: SessionState | null,
  sessions: readonly SessionSummary[],
): Command[] {
  const acts = (Object.keys(SHORTCUTS) as ShortcutName[])
    .filter((name) => isPossible(name, state))
    .map((name): Command => ({ kind: 'act', name, words: en.palette.shortcuts[name] }));
  const rows = groupSessions(sessions).flatMap((group) => group.sessions);
  return [
    ...acts,
    ...rows.map((session): Command => ({
      kind: 'session',
      session,
      words: session.title || en.sessions.untitled,
    })),
  ];
}

export function isPossible(name: ShortcutName, state: SessionState | null): boolean {
  if (NOT_LISTED.has(name)) return false;
  if (NEEDS_SESSION.has(name)) return state !== null && (name !== 'attach' || state.accepts.images);
  switch (name) {
    case 'room':
      return state !== null && state.approvals.length > 0;
    case 'cancelTurn':
      return state !== null && (state.state === 'working' || state.state === 'waiting');
    case 'changes':
      return isInWorktree(state);
    case 'discard':
      return isInWorktree(state) && isAtRest(state);
    case 'land':
      return isInWorktree(state) && isAtRest(state) && state?.origin?.base != null;
    case 'goOn':
      return state !== null && (state.parked !== null || isUnfinished(state));
    case 'stop':
    case 'restart':
      return state !== null && state.instance !== null;
    case 'resume':
      return state !== null && state.instance === null && state.state !== 'starting';
    default:
      return true;
  }
}

/** The last turn did not come to its end, and nobody has said how it goes on. */
export function isUnfinished({ turn, state }: SessionState): boolean {
  return state === 'idle' && turn?.outcome != null && UNFINISHED.has(turn.outcome);
}

/** Not the cancelled one: whoever stopped it knows. */
const UNFINISHED: ReadonlySet<string> = new Set(['interrupted', 'failed', 'limited']);

/** Nothing changes beneath what is landed or removed. */
export function isAtRest(state: SessionState | null): boolean {
  if (state === null || (state.queue.length > 0 && !state.held)) return false;
  return state.state !== 'working' && state.state !== 'waiting' && state.state !== 'starting';
}

function isInWorktree(state: SessionState | null): boolean {
  return state?.worktreeState === 'made' || state?.worktreeState === 'landed';
}

/** Every word typed must appear; what begins with it comes first. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...commands];
  const scored = commands.flatMap((command, index) => {
    const text =
      command.kind === 'session'
        ? `${command.words} ${command.session.cwd} ${command.session.agent}`.toLowerCase()
        : command.words.toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    return [{ command, index, rank: text.startsWith(words[0] ?? '') ? 0 : 1 }];
  });
  return scored.sort((a, b) => a.rank - b.rank || a.index - b.index).map(({ command }) => command);
}
