import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Attention } from '../../protocol/attention.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { Subscription } from '../api/surface-connection.ts';
import { Pace } from '../subscriptions/pace.ts';

/** Between two tellings. */
export const FEED_MS = 250;

export interface FeedSurface {
  readonly bufferedBytes: number;
  notify(name: 'attention.changed', params: Attention): void;
  hold(name: string, make: () => Subscription): void;
}

export interface AttentionFeedNeeds {
  readonly changed: Pick<Emitter<void>, 'on'>;
  now(): Attention;
  readonly timers: Pick<Timers, 'after'>;
}

/** What asks for a person, for all that follow the desk: when it is another than before, and not too often. */
export class AttentionFeed {
  readonly #needs: AttentionFeedNeeds;
  readonly #told = new Emitter<Attention>();
  readonly #unfollow: () => void;
  readonly #pace: Pace;
  #followers = 0;
  #before = '';

  constructor(needs: AttentionFeedNeeds) {
    this.#needs = needs;
    this.#pace = new Pace(needs.timers, FEED_MS, () => this.#tell());
    this.#unfollow = needs.changed.on(() => {
      if (this.#followers > 0) this.#pace.ask();
    });
  }

  /** Tells one surface; one that does not read is left out, since the next state stands for this one. */
  follow(surface: FeedSurface): Attention {
    surface.hold('attention', () => {
      this.#followers += 1;
      const end = this.#told.on((attention) => {
        if (surface.bufferedBytes <= MAX_UNACKED_BYTES)
          surface.notify('attention.changed', attention);
      });
      return {
        close: () => {
          this.#followers -= 1;
          end();
        },
      };
    });
    const now = this.#needs.now();
    // It has another state than the others were told: back at theirs it has to hear of it too.
    if (JSON.stringify(now) !== this.#before) this.#before = '';
    return now;
  }

  close(): void {
    this.#unfollow();
    this.#pace.close();
  }

  #tell(): void {
    const now = this.#needs.now();
    const text = JSON.stringify(now);
    if (text === this.#before) return;
    this.#before = text;
    this.#told.emit(now);
  }
}
