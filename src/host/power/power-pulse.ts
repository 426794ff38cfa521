import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { PowerState } from '../../protocol/power.ts';
import type { PowerSurface } from './power.ts';

export const PULSE_MS = 1_000;

export interface PowerPulseNeeds {
  readonly changed: Pick<Emitter<PowerState>, 'on'>;
  /** With ages as they are now. */
  state(): PowerState;
  readonly timers: Pick<Timers, 'after'>;
}

/** What keeps the machine awake, at most once a second, for all that hear of it. */
export class PowerPulse {
  readonly states = new Emitter<PowerState>();
  readonly #needs: PowerPulseNeeds;
  readonly #unfollow: () => void;
  #isDue = false;
  /** Undone when the host leaves; null: nothing was told lately. */
  #resting: (() => void) | null = null;

  constructor(needs: PowerPulseNeeds) {
    this.#needs = needs;
    this.#unfollow = needs.changed.on(() => {
      this.#isDue = true;
      // Changes of one moment come together.
      this.#resting ??= needs.timers.after(0, () => this.#tell());
    });
  }

  /** Tells one surface; one that does not read is left out, since the next state stands for this one. */
  follow(surface: PowerSurface): void {
    surface.hold('power', () => ({
      close: this.states.on((power) => {
        if (surface.bufferedBytes <= MAX_UNACKED_BYTES) surface.notify('power.changed', { power });
      }),
    }));
  }

  close(): void {
    this.#unfollow();
    this.#resting?.();
  }

  #tell(): void {
    this.#resting = null;
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#resting = this.#needs.timers.after(PULSE_MS, () => this.#tell());
    this.states.emit(this.#needs.state());
  }
}
