import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { PowerState } from '../../protocol/power.ts';
import { Pace } from '../subscriptions/pace.ts';
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
  readonly #pace: Pace;
  readonly #unfollow: () => void;

  constructor({ changed, state, timers }: PowerPulseNeeds) {
    this.#pace = new Pace(timers, PULSE_MS, () => this.states.emit(state()));
    this.#unfollow = changed.on(() => this.#pace.ask());
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
    this.#pace.close();
  }
}
