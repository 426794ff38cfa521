import type { PowerReasonCode, PowerState } from '../../../protocol/power.ts';

/** What is known of the machine when it falls asleep. */
export type SleepGround = Pick<
  PowerState,
  'holds' | 'heldBack' | 'idle' | 'lid' | 'battery' | 'heat' | 'lidClosed'
>;

export const WHY_UNKNOWN = 'Why is not known.';
export const WHY_PLANNED = 'The work was done, and it was to sleep then.';

/** Why the machine sleeps, in a sentence, as far as what is known tells it. */
export function whySlept(ground: SleepGround | null): string {
  if (ground === null) return WHY_UNKNOWN;
  const { holds, heldBack, idle, lid, lidClosed } = ground;
  if (holds.length === 0)
    return lidClosed === true
      ? 'The lid was closed, and nothing held the machine awake.'
      : 'Nothing held the machine awake.';
  const [back] = heldBack;
  if (back !== undefined) return heldBackWords(back, ground);
  if (lidClosed === true && !lid.wanted)
    return 'The lid was closed, and the machine was not held awake with its lid closed.';
  if (lidClosed === true && lid.effective === false)
    return notInEffect('The lid was closed, and holding it awake was not in effect', lid.reason);
  if (idle.wanted && idle.effective === false)
    return notInEffect('Holding it awake was not in effect', idle.reason);
  return 'A person, or another program, put it to sleep.';
}

function heldBackWords(
  { code, text }: { readonly code: string; readonly text: string },
  { battery, heat }: SleepGround,
): string {
  switch (code as PowerReasonCode) {
    case 'batteryLow':
      return battery === null
        ? 'The battery was low.'
        : `The battery was at ${Math.round(battery.percent)} %.`;
    case 'tooHot':
      return heat === null || heat.celsius === null
        ? 'The machine was too hot.'
        : `The machine was too hot: ${Math.round(heat.celsius)} °C.`;
    case 'onBattery':
      return 'It ran on battery, and is held awake on mains only.';
    case 'quietHours':
      return 'It was in the quiet hours.';
    case 'off':
      return 'Keeping awake is off.';
    default:
      // A sentence for people, whatever it is.
      return text;
  }
}

function notInEffect(what: string, reason: string | null): string {
  return reason === null ? `${what}.` : `${what}: ${reason}`;
}

/** The state, and its changes, as the rest of the host keeps them. */
export interface PowerSight {
  state(): PowerState | null;
  readonly changed: { on(listener: (state: PowerState) => void): () => void };
}

/** A plan is over when its time is past by this much. */
const PLANNED_MS = 60_000;
/** A timer may be early by less. */
const EARLY_MS = 1_000;

/**
 * Remembers what was so when the machine fell asleep. That the lid was closed may be told a moment
 * after the system's word that it sleeps, and by the time it is awake the lid is open again.
 */
export class SleepGrounds {
  readonly #sight: PowerSight;
  readonly #nowMs: () => number;
  #ground: SleepGround | null = null;
  #plannedAtMs = Number.NEGATIVE_INFINITY;
  #isPlanned = false;
  readonly close: () => void;

  constructor(sight: PowerSight, nowMs: () => number) {
    this.#sight = sight;
    this.#nowMs = nowMs;
    this.close = sight.changed.on((state) => this.#on(state));
  }

  /** It falls asleep now. */
  take(): void {
    this.#ground = this.#sight.state();
    this.#isPlanned = Math.abs(this.#nowMs() - this.#plannedAtMs) < PLANNED_MS;
  }

  /** Of the sleep that was taken last, as it is known now. */
  why(): string {
    return this.#isPlanned ? WHY_PLANNED : whySlept(this.#ground);
  }

  #on({ sleepsAt, lidClosed }: PowerState): void {
    if (sleepsAt !== null) this.#plannedAtMs = Date.parse(sleepsAt);
    // Before its time: somebody called it off.
    else if (this.#nowMs() < this.#plannedAtMs - EARLY_MS)
      this.#plannedAtMs = Number.NEGATIVE_INFINITY;
    if (lidClosed === true && this.#ground !== null) this.#ground = { ...this.#ground, lidClosed };
  }
}
