import type { AgentEntry } from '../../protocol/agent.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import type { Attention } from '../../protocol/attention.ts';
import type { HostProblem } from '../../protocol/methods.ts';
import type { Night } from '../../protocol/night.ts';
import type { PowerState } from '../../protocol/power.ts';
import type { AgentPulse } from '../../protocol/reach.ts';
import type { SessionSummary } from '../../protocol/session/state.ts';
import { lidWords } from './power-words.ts';

/**
 * `connecting`: the first time. `returning`: it was there, and the keeper starts it again.
 * `away`: no host answers; `reason` says why in a sentence.
 */
export type HostLink =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'returning' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'away'; readonly reason: string };

/** What a surface that follows the desk knows. */
export interface Desk {
  readonly sessions: readonly SessionSummary[];
  readonly approvals: readonly Approval[];
  readonly problems: readonly HostProblem[];
  readonly agents: readonly AgentEntry[];
  /** The unattended run that goes on; null: none does. */
  readonly night: Night | null;
  /** null: not told yet, or an older host. */
  readonly power: PowerState | null;
  /** null: not told yet, or an older host. */
  readonly attention: Attention | null;
  readonly pulses: readonly AgentPulse[];
}

/** What waits for the person and what stands still, in words that come once there is a host. */
export interface Waiting {
  /** "2 need you, longest for 12 min: Mend the login."; empty: not known. */
  readonly needs: string;
  readonly hangs: string;
  /** By session. */
  readonly stands: Readonly<Record<string, string>>;
}

/** All that the tray shows. */
export interface TrayState extends Desk {
  readonly waiting: Waiting;
  readonly link: HostLink;
  /** Newest first. */
  readonly recentFolders: readonly string[];
  /** What the tray last failed to do, until it does something else. */
  readonly failure: string | null;
  /** Null where the tray app cannot be started at login. */
  readonly startsAtLogin: boolean | null;
}

export const emptyDesk: Desk = {
  sessions: [],
  approvals: [],
  problems: [],
  agents: [],
  night: null,
  power: null,
  attention: null,
  pulses: [],
};
export const initialTrayState: TrayState = {
  ...emptyDesk,
  waiting: { needs: '', hangs: '', stands: {} },
  link: { kind: 'connecting' },
  recentFolders: [],
  failure: null,
  startsAtLogin: null,
};

/** The four pictures of the lamp: out, lit, lit with a knock beside it, broken. */
export type Lamp = 'idle' | 'working' | 'needsYou' | 'problem';

export interface Counts {
  readonly working: number;
  readonly needYou: number;
  readonly parked: number;
  readonly failed: number;
}

export function countsOf(desk: Desk): Counts {
  const shown = desk.sessions.filter((session) => !session.archived);
  return {
    working: shown.filter(({ state }) => state === 'working' || state === 'starting').length,
    // One that was cut short stands still until the person says how it goes on.
    needYou: new Set([
      ...desk.approvals.map((approval) => approval.sessionId),
      ...shown.filter(({ interrupted }) => interrupted).map(({ id }) => id),
    ]).size,
    parked: shown.filter(({ state }) => state === 'parked').length,
    failed: shown.filter(({ state }) => state === 'failed').length,
  };
}

/**
 * What asks for a person comes before what merely runs. A failed session breaks the lamp only
 * when nothing else goes on: it stays until it is put away, and must not hide the rest.
 */
export function lampOf(state: TrayState): Lamp {
  const { working, needYou, failed } = countsOf(state);
  if (state.link.kind === 'away') return 'problem';
  if (needYou > 0) return 'needsYou';
  if (state.problems.length > 0) return 'problem';
  if (working > 0) return 'working';
  return failed > 0 ? 'problem' : 'idle';
}

/** null also while the host cannot be heard: what it said before it went may be over. */
export function knownPower({ link, power }: TrayState): PowerState | null {
  return link.kind === 'connected' ? power : null;
}

/** How many things ask for a person; nothing is known of it while the host cannot be heard. */
export function badgeOf(state: TrayState): number {
  if (state.link.kind !== 'connected') return 0;
  return state.attention?.items.length ?? countsOf(state).needYou;
}

/** "2 working, 1 needs you. Safe to close the lid." */
export function tooltipOf(state: TrayState): string {
  if (state.link.kind === 'away') return `Porchlight: ${sentence(state.link.reason)}`;
  if (state.link.kind === 'connecting') return 'Porchlight is starting.';
  if (state.link.kind === 'returning') return 'The host went away and is coming back.';
  const { working, needYou, parked, failed } = countsOf(state);
  const { needs, hangs } = state.waiting;
  const parts = [
    working > 0 ? `${working} working` : '',
    needYou > 0 && needs === '' ? `${needYou} ${needYou === 1 ? 'needs' : 'need'} you` : '',
    parked > 0 ? `${parked} parked` : '',
    failed > 0 ? `${failed} failed` : '',
  ].filter(Boolean);
  const quiet = needs + hangs === '' ? 'All is quiet.' : '';
  const counts = parts.length === 0 ? quiet : `${parts.join(', ')}.`;
  const night = state.night === null ? '' : `${nightWords(state.night)}.`;
  const problems = state.problems.map(({ message }) => sentence(message));
  return [needs, counts, hangs, lidWords(state.power), night, ...problems]
    .filter(Boolean)
    .join(' ');
}

/** `Night until Sat 08:00` */
export function nightWords({ until }: Night): string {
  return until === null ? 'Night' : `Night until ${moment(until)}`;
}

const clock = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** With the day: a menu may stay open over midnight. */
export function moment(at: string): string {
  return clock.format(new Date(at));
}

export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
