import type { SilenceNote } from '../../protocol/attention.ts';

/** How it stands with one relay that devices with pushes are paired over. */
export interface Standing {
  readonly isOwn: boolean;
  /** Its address. */
  readonly relay: string;
  readonly isUp: boolean;
  readonly keeps: boolean;
  /** Whose notes it has now. */
  readonly devices: number;
  readonly atMs: number | null;
  readonly refusal: string | null;
}

export interface NoteFacts {
  readonly standings: readonly Standing[];
  readonly isOff: boolean;
  readonly isIdle: boolean;
}

/** What people are told of it. One relay that has a note is enough; else the best way to one counts. */
export function silenceNoteOf({ standings, isOff, isIdle }: NoteFacts): SilenceNote {
  const none = { why: null, devices: 0, renewedAt: null };
  if (isOff) return { state: 'off', ...none };
  const holding = standings.filter(({ devices }) => devices > 0);
  if (holding.length > 0) {
    const atMs = Math.max(...holding.map((each) => each.atMs ?? 0));
    return {
      ...{ state: 'left', why: null },
      devices: holding.reduce((sum, { devices }) => sum + devices, 0),
      renewedAt: new Date(atMs).toISOString(),
    };
  }
  const reasons = standings.map(whyNot);
  if (standings.length > 0 && reasons.includes(null)) return { state: 'idle', ...none };
  const why = reasons.find((reason) => reason !== null) ?? NO_DEVICE;
  return { ...none, state: 'unavailable', why: why.slice(0, 400) };

  function whyNot({ isOwn, relay, isUp, keeps, refusal }: Standing): string | null {
    if (isOwn)
      return 'The relay runs on this machine and would fall silent with it: a relay elsewhere can tell you, see docs/relay.md.';
    if (!isUp) return `There is no connection to the relay at ${relay} now.`;
    if (!keeps)
      return `The relay at ${relay} keeps no notes: it is older, or runs without --notes.`;
    if (refusal !== null) return `The relay at ${relay} did not take the note: ${refusal}`;
    return isIdle ? null : `The note is not with the relay at ${relay} yet.`;
  }
}

const NO_DEVICE = 'No paired device has notifications on.';
