import type { Hold, PowerReason, PowerState } from '../../../src/protocol/power.ts';
import { machine as t, percent as percentOf } from '../../strings/machine.ts';

/** The machine in one line. */
export interface MachineLine {
  /** `safe` alone is green: the lid may be closed. `wrong`: what was asked for is not in effect. */
  readonly tone: 'safe' | 'awake' | 'quiet' | 'wrong';
  readonly words: string;
}

/**
 * "Awake for 2 sessions, lid may be closed, 64 %", "Awake for 1 session; keep the lid open: the battery is at
 * 19 %", "May sleep, 64 %". Says nothing that was not read back from the system.
 */
export function machineLine(power: PowerState): MachineLine {
  const { tone, words } = said(power);
  const percent = power.battery === null ? '' : percentOf(power.battery.percent);
  const more = [
    // The reason may have said it already.
    words.includes(percent) ? '' : percent,
    power.sleepWhenDone && power.sleepsAt === null ? t.sleepsWhenDone : '',
  ].filter(Boolean);
  return { tone, words: [words, ...more].join(', ') };
}

function said(power: PowerState): MachineLine {
  const { idle, lid, heldBack, holds, reasons } = power;
  if (power.sleepsAt !== null) return { tone: 'quiet', words: t.sleepsSoon };
  const counts = holds.length > 0 && heldBack.length === 0 && idle.wanted;
  if (!counts) return { tone: 'quiet', words: because(t.maySleep, heldBack, power) };
  const who = whoseOf(holds);
  if (power.safeToCloseLid)
    return {
      tone: 'safe',
      words: power.lidClosed === true ? t.behindLid(who) : t.safe(who),
    };
  // What the lid needs includes what idle sleep needs: without that nothing is held at all.
  if (idle.effective === false)
    return { tone: 'wrong', words: because(t.notHeld, notInEffect(idle.reason), power) };
  if (idle.effective === null) return { tone: 'awake', words: t.checking(who) };
  const awake = t.awake(who);
  // A machine without a lid has none to keep open.
  if (power.lidClosed === null && !lid.wanted) return { tone: 'awake', words: awake };
  return {
    tone: lid.wanted && lid.effective === false ? 'wrong' : 'awake',
    words: `${awake}; ${because(power.lidClosed === true ? t.openIt : t.keepOpen, reasons, power)}`,
  };
}

/** " for 2 sessions and by hand"; a session with several reasons counts once. */
function whoseOf(holds: readonly Hold[]): string {
  const sessions = new Set(holds.flatMap(({ sessionId }) => sessionId ?? [])).size;
  const byHand = holds.some(({ kind }) => kind === 'user');
  if (sessions === 0) return byHand ? t.whoByHand : '';
  return t.who([t.sessions(sessions), ...(byHand ? [t.byHand] : [])]);
}

/** With the first reason that says more than the line itself. */
function because(words: string, reasons: readonly PowerReason[], power: PowerState): string {
  for (const reason of reasons) {
    const why = shortReason(reason, power);
    if (why !== null) return `${words}: ${why}`;
  }
  return words;
}

function notInEffect(reason: string | null): PowerReason[] {
  return reason === null ? [] : [{ code: 'unknown', text: reason }];
}

/** A reason in the middle of a sentence; null where the line has said it already. */
function shortReason({ code, text }: PowerReason, { battery, heat }: PowerState): string | null {
  if (code === 'batteryLow') return t.batteryLow(battery?.percent ?? null);
  if (code === 'tooHot') return t.tooHot(heat?.celsius ?? null);
  const short: Readonly<Record<string, string | null>> = t.short;
  // A newer host knows more: its own words.
  return Object.hasOwn(short, code) ? (short[code] ?? null) : text.replace(/\.$/u, '');
}
