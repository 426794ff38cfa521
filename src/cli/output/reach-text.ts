import type { AgentPulse, Pulse, Reach } from '../../protocol/reach.ts';
import type { SilenceNote } from '../../protocol/attention.ts';
import { table } from './table.ts';
import { ago, count, duration, oneLine } from './text.ts';

/** Each leg of the way by itself: none is called good because of another. */
export function reachText(reach: Reach, columns?: number): string {
  const nowMs = Date.parse(reach.at);
  const rows = [
    relayRow(reach),
    ...reach.devices.map((device) => deviceRow(device, nowMs)),
    ...reach.sessions.map((session) => agentRow(session, nowMs)),
  ];
  const toDo = reach.sessions.flatMap(({ id, pulse }) => wayOut({ sessionId: id, ...pulse }) ?? []);
  return [
    `Probed at ${new Date(nowMs).toTimeString().slice(0, 8)}; this host answers.`,
    '',
    table(['', 'WHAT', 'ANSWERED', 'HEARD', 'HOW IT STANDS'], rows, columns),
    ...(reach.devices.length === 0 ? ['No device is paired: porchlight pair'] : []),
    '',
    serviceWords(reach),
    noteWords(reach.note, nowMs),
    ...toDo,
  ].join('\n');
}

type Row = readonly [mark: string, what: string, answered: string, heard: string, stands: string];

const GOOD = 'ok';
const BAD = 'DOWN';
/** Away, or not asked: nothing is wrong with that. */
const AWAY = '-';

function relayRow({ relay }: Reach): Row {
  const { own, url, ok, ms, heardAgoSec, problem } = relay;
  if (!ok && url === null && problem === null)
    return [AWAY, 'relay', '', '', 'none is needed: no device is paired'];
  const heard = heardAgoSec === null ? '' : `${duration(heardAgoSec)} ago`;
  const which = own ? "this host's own" : url === null ? 'none' : new URL(url).host;
  const stands = problem ?? (ok ? '' : 'it does not answer');
  return [
    ok ? GOOD : BAD,
    'relay',
    took(ms),
    heard,
    stands === '' ? which : `${which}: ${oneLine(stands)}`,
  ];
}

function deviceRow(device: Reach['devices'][number], nowMs: number): Row {
  const { name, role, online, ms, lastSeenAt, push } = device;
  const stands = !online
    ? 'away'
    : ms === null
      ? 'online, and its page does not answer: asleep, most likely'
      : 'online';
  return [
    push === 'failing' ? BAD : online && ms !== null ? GOOD : AWAY,
    `${name} (${role})`,
    took(ms),
    online ? 'now' : lastSeenAt === null ? 'never' : ago(lastSeenAt, nowMs),
    `${stands}; ${PUSH[push]}`,
  ];
}

const PUSH = {
  on: 'is told by push',
  failing: 'push FAILS: porchlight notify',
  off: 'no push: its notifications are off',
} as const;

function agentRow(session: Reach['sessions'][number], nowMs: number): Row {
  const { id, agent, title, pulse, ms } = session;
  const { heardAt, because } = pulse;
  return [
    pulse.pulse === 'hangs' ? BAD : ms === null ? AWAY : GOOD,
    `${id} ${agent}`,
    took(ms),
    heardAt === null ? '' : ago(heardAt, nowMs),
    [`${pulseWords(pulse, nowMs)}${because && `: ${because}`}`, title].filter(Boolean).join(' · '),
  ];
}

const PULSE_WORDS: Readonly<Record<Pulse, string>> = {
  idle: 'has nothing to do',
  working: 'at work',
  runsTool: 'runs a tool',
  waitsForYou: 'waits for you',
  waitsForModel: 'waits for its model',
  silent: 'silent',
  hangs: 'HANGS',
  gone: 'not running',
};

/** `silent for 4 min`. A pulse that a session's state says anyway has no span. */
export function pulseWords({ pulse, since }: Pick<AgentPulse, 'pulse' | 'since'>, nowMs: number) {
  const words = PULSE_WORDS[pulse];
  const forSec = (nowMs - Date.parse(since)) / 1_000;
  return isNotable(pulse) && forSec >= 1 ? `${words} for ${duration(forSec)}` : words;
}

/** It says more than that the session is at work. */
export function isNotable(pulse: Pulse): boolean {
  return pulse === 'waitsForModel' || pulse === 'silent' || pulse === 'hangs';
}

/** What a person can do about an agent that does not go on; null where nothing need be done. */
export function wayOut({
  sessionId,
  pulse,
}: Pick<AgentPulse, 'sessionId' | 'pulse'>): string | null {
  if (pulse !== 'hangs' && pulse !== 'silent') return null;
  return `${sessionId} ${pulse === 'hangs' ? 'hangs' : 'is silent'}: porchlight cancel ${sessionId} asks it to end its turn, porchlight restart ${sessionId} ends its agent and brings it back.`;
}

function serviceWords({ service }: Reach): string {
  const { installed, kind } = service;
  if (installed)
    return `Service: installed${kind === null ? '' : ` (${kind})`}; host and sessions come back after a reboot.`;
  return kind === null
    ? 'Service: there is none on this platform; after a reboot, porchlight host start.'
    : 'Service: not installed; after a reboot nobody can be reached until somebody starts the host here: porchlight service install';
}

/** The dead-man's note, in one line. */
export function noteWords(note: SilenceNote, nowMs: number): string {
  const { state, why, devices, renewedAt } = note;
  const renewed = renewedAt === null ? '' : `, renewed ${ago(renewedAt, nowMs)}`;
  const because = why === null ? '' : `: ${oneLine(why)}`;
  switch (state) {
    case 'left':
      return `Note of silence: left with the relay for ${count(devices, 'device')}${renewed}.`;
    case 'idle':
      return 'Note of silence: none is needed, since nothing works.';
    case 'off':
      return `Note of silence: off${because || ' (silenceMinutes)'}.`;
    case 'unavailable':
      return `Note of silence: unavailable${because || '.'}`;
  }
}

/** `40 ms`, `1.2 s`. */
function took(ms: number | null): string {
  if (ms === null) return '';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
