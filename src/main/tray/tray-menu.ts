import type { AgentEntry } from '../../protocol/agent.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import type { SessionState, SessionSummary } from '../../protocol/session/state.ts';
import { callLines } from './call-lines.ts';
import { short, words } from './menu-text.ts';
import type { MenuEntry, MenuLine } from './menu-entry.ts';
import { powerLine } from './power-menu.ts';
import { knownPower, moment, nightWords, sentence, type TrayState } from './tray-state.ts';

/** Ten lines at most; these six are always there, so four are left for what goes on. */
const ROOM = 4;
const MAX_INLINE_APPROVALS = 2;
const MAX_BELOW = 20;
const MAX_TITLE_CHARS = 48;
const MAX_FOLDERS = 6;

const QUIET = {
  connecting: 'Starting…',
  returning: 'The host is coming back…',
  connected: 'All is quiet',
  away: 'All is quiet',
} as const;

/** Order follows need: what waits for me, what runs, new session, machine, phone, open, quit. */
export function trayMenu(state: TrayState): readonly MenuEntry[] {
  const troubles = troubleLines(state).slice(0, 2);
  // That it is night is one of the ten.
  const room = state.night === null ? ROOM : ROOM - 1;
  const waiting = approvalLines(state, room - troubles.length);
  const running = sessionLines(state, room - troubles.length - waiting.length);
  const goingOn = [...troubles, ...waiting, ...running];
  return [
    ...(goingOn.length === 0 ? [{ label: QUIET[state.link.kind] }] : goingOn),
    'separator',
    newSessionLine(state),
    'separator',
    powerLine(knownPower(state)),
    { label: 'Pair a phone…', does: { do: 'pair' } },
    'separator',
    { label: 'Open Porchlight', does: { do: 'open' } },
    ...(goingOn.length < ROOM || state.night !== null ? standingLine(state) : []),
    { label: 'Quit tray app', does: { do: 'quit' } },
    {
      label: 'Stop everything',
      ...(state.link.kind === 'connected' && { does: { do: 'stopEverything' } }),
    },
  ];
}

/** That it is night; else what was chosen once and then for ever, which gives way where more goes on. */
function standingLine({ startsAtLogin: on, night }: TrayState): MenuLine[] {
  if (night !== null)
    return [{ label: `${nightWords(night)}: rules decide`, does: { do: 'open' } }];
  if (on === null) return [];
  return [{ label: 'Start at login', checked: on, does: { do: 'startAtLogin', on: !on } }];
}

function troubleLines(state: TrayState): MenuLine[] {
  const lines: MenuLine[] = [];
  if (state.link.kind === 'away')
    lines.push({
      label: short(sentence(state.link.reason), 80),
      below: [
        ...words(state.link.reason).map((label) => ({ label })),
        'separator',
        { label: 'Start the host', does: { do: 'startHost' } },
      ],
    });
  if (state.failure !== null) lines.push({ label: short(state.failure, 80) });
  for (const problem of state.problems)
    lines.push({
      label: short(problem.message, 80),
      below: words(problem.message).map((label) => ({ label })),
    });
  return lines;
}

function approvalLines(state: TrayState, room: number): MenuLine[] {
  const all = state.approvals.map((approval) => approvalLine(approval, state.sessions));
  if (all.length <= Math.min(MAX_INLINE_APPROVALS, room)) return all;
  return [{ label: `${all.length} need you`, below: firstOf(all) }];
}

function approvalLine(approval: Approval, sessions: readonly SessionSummary[]): MenuLine {
  const session = sessions.find(({ id }) => id === approval.sessionId);
  const of = session === undefined ? '' : ` · ${short(titleOf(session), 30)}`;
  const show: MenuLine = {
    label: 'Show in the window',
    does: { do: 'openSession', sessionId: approval.sessionId },
  };
  if (approval.kind === 'question')
    return {
      label: `Question: ${short(approval.title, MAX_TITLE_CHARS)}${of}`,
      ...(show.does && { does: show.does }),
    };
  if (isForWindow(approval))
    return {
      label: `Look closely: ${short(approval.title, MAX_TITLE_CHARS)}${of}`,
      ...(show.does && { does: show.does }),
    };
  const whole = callLines(approval);
  const { id: approvalId, hash } = approval;
  return {
    label: `Allow? ${short(approval.title, MAX_TITLE_CHARS)}${of}`,
    below:
      whole === null
        ? [{ label: 'Too long to show here' }, 'separator', show]
        : [
            ...whole.map((label) => ({ label })),
            'separator',
            { label: 'Allow', does: { do: 'decide', approvalId, hash, allow: true } },
            { label: 'Deny', does: { do: 'decide', approvalId, hash, allow: false } },
            show,
          ],
  };
}

/** A menu has no room for what may go wrong, nor for asking twice. */
function isForWindow({ risk, decider }: Approval): boolean {
  return risk?.level === 'high' || risk?.level === 'highest' || decider?.fresh === true;
}

const STATE_WORDS: { readonly [S in SessionState['state']]: string } = {
  starting: 'starting',
  working: 'working',
  waiting: 'needs you',
  idle: 'quiet',
  parked: 'parked',
  failed: 'failed',
  ended: 'ended',
};
const STATE_ORDER: readonly SessionState['state'][] = [
  'waiting',
  'working',
  'starting',
  'failed',
  'parked',
  'idle',
];

function orderOf(session: SessionSummary): number {
  return session.interrupted ? -1 : STATE_ORDER.indexOf(session.state);
}

function stateWords(session: SessionSummary, stands: string | undefined): string {
  if (session.interrupted) return 'cut short, continue in the window';
  if (session.parked !== null) return `parked until ${moment(session.parked.until)}`;
  return stands ?? STATE_WORDS[session.state];
}

function sessionLines(state: TrayState, room: number): MenuLine[] {
  const lines = state.sessions
    .filter((session) => !session.archived && session.state !== 'ended')
    .toSorted((a, b) => orderOf(a) - orderOf(b) || b.createdAt.localeCompare(a.createdAt))
    .map((session): MenuLine => ({
      label: `${short(titleOf(session), MAX_TITLE_CHARS)} — ${stateWords(session, state.waiting.stands[session.id])}`,
      does: { do: 'openSession', sessionId: session.id },
    }));
  if (lines.length <= room) return lines;
  const rest = lines.slice(Math.max(0, room - 1));
  return room === 0
    ? []
    : [
        ...lines.slice(0, room - 1),
        {
          label: room === 1 ? `${rest.length} sessions` : `${rest.length} more sessions`,
          below: firstOf(rest),
        },
      ];
}

function newSessionLine(state: TrayState): MenuLine {
  const agents = state.agents.filter((agent) => agent.found && agent.id !== 'demo');
  const folders = state.recentFolders
    .slice(0, MAX_FOLDERS)
    .map((folder) => folderLine(folder, agents));
  return {
    label: 'New session…',
    below: [
      ...folders,
      ...(folders.length === 0 ? [] : ['separator' as const]),
      { label: 'Choose folder…', does: { do: 'newSession' } },
      { label: 'Try it with the demo agent', does: { do: 'newSession', agent: 'demo' } },
    ],
  };
}

function folderLine(folder: string, agents: readonly AgentEntry[]): MenuLine {
  const label = short(folder, 60, 'end');
  if (agents.length === 0) return { label, does: { do: 'newSession', folder } };
  return {
    label,
    below: agents.map((agent) => ({
      label: agent.name,
      below: agent.modes.map((mode) => ({
        label: MODE_WORDS.get(mode) ?? mode,
        does: { do: 'newSession', folder, agent: agent.id, mode },
      })),
    })),
  };
}

const MODE_WORDS: ReadonlyMap<string, string> = new Map([
  ['ask', 'Ask before each change'],
  ['edits', 'Edit files without asking'],
  ['plan', 'Plan only'],
  ['auto', 'Let the agent judge'],
]);

function titleOf(session: SessionSummary): string {
  return session.title === '' ? lastPart(session.cwd) : session.title;
}

function lastPart(folder: string): string {
  return folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder;
}

function firstOf(lines: readonly MenuLine[]): MenuEntry[] {
  if (lines.length <= MAX_BELOW) return [...lines];
  const more = lines.length - MAX_BELOW;
  return [
    ...lines.slice(0, MAX_BELOW),
    { label: `${more} more in the window`, does: { do: 'open' } },
  ];
}
