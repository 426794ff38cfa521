import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Attention } from '../../protocol/attention.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { Subscription } from '../api/surface-connection.ts';

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
  #followers = 0;
  #isDue = false;
  #before = '';
  /** Undone when the host leaves; null: nothing was told lately. */
  #resting: (() => void) | null = null;

  constructor(needs: AttentionFeedNeeds) {
    this.#needs = needs;
    this.#unfollow = needs.changed.on(() => {
      this.#isDue = true;
      if (this.#followers > 0) this.#resting ??= needs.timers.after(0, () => this.#tell());
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
    return this.#needs.now();
  }

  close(): void {
    this.#unfollow();
    this.#resting?.();
  }

  #tell(): void {
    this.#resting = null;
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#resting = this.#needs.timers.after(FEED_MS, () => this.#tell());
    const now = this.#needs.now();
    const text = JSON.stringify(now);
    if (text === this.#before) return;
    this.#before = text;
    this.#told.emit(now);
  }
}
