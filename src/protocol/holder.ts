/**
 * What a host and its holder say to each other, over the holder's unix socket or named pipe: one JSON
 * object a line. The holder holds the machine awake for as long as a host says so, and 60 s longer
 * than it hears of one: a host that crashes or is replaced finds the machine awake, one that is gone
 * leaves nothing behind. Types only, as with the keeper: both ends are ours, on the same machine,
 * behind a 0600 socket; both check with zod. One host a holder: a second one that comes takes over.
 */
import type { Battery, Heat } from './power.ts';

export const HOLDER_PROTOCOL = 1;
/** How long a want outlives the last renewal. A host that is connected and wants nothing renews nothing. */
export const HOLDER_LEASE_MS = 60_000;
/** How often a host renews what it wants. */
export const HOLDER_RENEW_MS = 15_000;
export const MAX_HOLDER_FRAME_BYTES = 64 * 1024;

/** What the host wants held, whole; the holder finds out what to do about it. */
export interface HolderWant {
  readonly idle: boolean;
  readonly lid: boolean;
  /** Shown by the system's own tools: "2 sessions are working". At most 100 characters, no titles. */
  readonly why: string;
}

/** As read back from the system, never from what was done. */
export interface HolderEffect {
  /** null: the system cannot be asked. */
  readonly effective: boolean | null;
  /** Why it is not in effect, or what bounds it: a sentence. */
  readonly reason: string | null;
  readonly fix: string | null;
}

export interface HolderEffects {
  readonly idle: HolderEffect;
  readonly lid: HolderEffect & { readonly setUp: 'needed' | 'done' | null };
}

/** null: not there, or nobody can say. */
export interface HolderSensors {
  readonly battery: Battery | null;
  readonly heat: Heat | null;
  readonly lidClosed: boolean | null;
  /** An external display keeps a closed lid from mattering. */
  readonly externalDisplay: boolean | null;
}

/** Host → holder, each with an `id` that the answer repeats. */
export type HolderRequest =
  | {
      readonly do: 'hello';
      readonly protocol: number;
      readonly hostPid: number;
      readonly hostVersion: string;
    }
  /** Replaces the want before, and renews the lease. Answered once it is done and read back. */
  | ({ readonly do: 'want' } & HolderWant)
  /** Reads effects and sensors anew. */
  | { readonly do: 'look' }
  /** All devices were told of the sleep that `sleeping` announced: the machine need not wait longer. */
  | { readonly do: 'readyToSleep' }
  /** Puts the machine to sleep now. */
  | { readonly do: 'sleepNow' }
  | { readonly do: 'setUp'; readonly undo: boolean }
  /** Lets go of everything, undoes every change, and exits. Answered before it exits. */
  | { readonly do: 'stop' };

export type HolderAnswer =
  | {
      readonly do: 'hello';
      readonly protocol: number;
      readonly pid: number;
      readonly version: string;
      readonly effects: HolderEffects;
      readonly sensors: HolderSensors;
    }
  | {
      readonly do: 'want' | 'look';
      readonly effects: HolderEffects;
      readonly sensors: HolderSensors;
    }
  | { readonly do: 'setUp'; readonly message: string; readonly effects: HolderEffects }
  | { readonly do: 'readyToSleep' | 'sleepNow' | 'stop' };

/** Holder → host, unasked. */
export type HolderNotice =
  | { readonly tell: 'effects'; readonly effects: HolderEffects }
  | { readonly tell: 'sensors'; readonly sensors: HolderSensors }
  /** The system waits a few seconds (5 by logind's default) for `readyToSleep`. */
  | { readonly tell: 'sleeping' }
  | { readonly tell: 'woke' }
  /** Something that a person should know: a change of ours that somebody else changed, or that could not be undone. */
  | { readonly tell: 'problem'; readonly message: string };

export type HolderFrame =
  | ({ readonly id: number } & HolderRequest)
  | { readonly id: number; readonly ok: HolderAnswer }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } }
  | HolderNotice;
