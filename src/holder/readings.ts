import type { Timers } from '../connection/timers.ts';
import type { HolderEffect, HolderEffects, HolderSensors } from '../protocol/holder.ts';
import type { Failure } from './held-lock.ts';
import type { Purpose } from './holding.ts';
import { limited } from './limited.ts';
import type { Platform } from './platform.ts';
import { SensorNews } from './sensor-news.ts';

const NOT_LOOKED: HolderEffect = { effective: null, reason: 'Not looked yet.', fix: null };
const NOTHING_SENSED: HolderSensors = {
  battery: null,
  heat: null,
  lidClosed: null,
  externalDisplay: null,
};

export interface ReadingsDeps {
  readonly platform: Pick<Platform, 'effects' | 'sensors'>;
  readonly timers: Timers;
  readonly failureOf: (purpose: Purpose) => Failure | null;
  readonly onEffects: (effects: HolderEffects) => void;
  readonly onSensors: (sensors: HolderSensors) => void;
}

/** What the system says is in effect, and what it senses; tells only what differs. */
export class Readings {
  readonly #deps: ReadingsDeps;
  readonly #news: SensorNews;
  #effects: HolderEffects = { idle: NOT_LOOKED, lid: { ...NOT_LOOKED, setUp: null } };
  #looking: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(deps: ReadingsDeps) {
    this.#deps = deps;
    this.#news = new SensorNews(NOTHING_SENSED, deps.timers, deps.onSensors);
  }

  get effects(): HolderEffects {
    return this.#effects;
  }

  get sensors(): HolderSensors {
    return this.#news.latest;
  }

  /** The platform tells by itself. */
  sensed(sensors: HolderSensors): void {
    this.#news.tell(sensors);
  }

  /** A reading that was begun after this call. Many that ask at once share one. */
  async look(): Promise<void> {
    if (this.#looking === null) {
      this.#looking = this.#lookOnce().finally(() => {
        this.#looking = null;
      });
      return await this.#looking;
    }
    this.#next ??= this.#looking.then(async () => {
      this.#next = null;
      await this.look();
    });
    await this.#next;
  }

  async #lookOnce(): Promise<void> {
    await Promise.all([this.#lookAtEffects(), this.#lookAtSensors()]);
  }

  async #lookAtEffects(): Promise<void> {
    const { platform, timers, failureOf, onEffects } = this.#deps;
    let read: HolderEffects;
    try {
      read = await limited(timers, platform.effects(), 'The system, asked what holds it awake,');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const unknown: HolderEffect = { effective: null, reason, fix: null };
      read = { idle: unknown, lid: { ...unknown, setUp: this.#effects.lid.setUp } };
    }
    const effects: HolderEffects = {
      idle: explained(read.idle, failureOf('idle')),
      lid: explained(read.lid, failureOf('lid')),
    };
    const isNews = JSON.stringify(effects) !== JSON.stringify(this.#effects);
    this.#effects = effects;
    if (isNews) onEffects(effects);
  }

  async #lookAtSensors(): Promise<void> {
    const { platform, timers } = this.#deps;
    try {
      this.#news.tell(await limited(timers, platform.sensors(), 'The sensors'));
    } catch {
      // What cannot be known any more is not known: an old figure would be a lie.
      this.#news.tell(NOTHING_SENSED);
    }
  }
}

/** Why it is not in effect is best known by whoever failed to bring it about. */
function explained<Effect extends HolderEffect>(effect: Effect, failure: Failure | null): Effect {
  if (effect.effective === true || failure === null) return effect;
  return { ...effect, reason: failure.message, fix: failure.fix ?? effect.fix };
}
