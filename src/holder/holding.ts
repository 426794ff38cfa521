import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import type { HolderWant } from '../protocol/holder.ts';
import { failureOf, HeldLock, type Failure } from './held-lock.ts';
import { HeldSetting } from './held-setting.ts';
import { limited } from './limited.ts';
import type { Lock, Platform, Setting } from './platform.ts';
import { Pursuit } from './pursuit.ts';
import type { SettingClaims } from './setting-claims.ts';

/** What a lock or a setting serves. */
export type Purpose = 'idle' | 'lid';
type Source = 'idleLocks' | 'lidLocks' | 'lidSettings';

const PURPOSE: Readonly<Record<Source, Purpose>> = {
  idleLocks: 'idle',
  lidLocks: 'lid',
  lidSettings: 'lid',
};
const SOURCES = ['idleLocks', 'lidLocks', 'lidSettings'] as const;

interface Held {
  readonly source: Source;
  readonly part: HeldLock | HeldSetting;
  /** The platform names it no longer. */
  isStale: boolean;
}

interface Listing {
  readonly pursuit: Pursuit;
  /** The platform was asked since it was last wanted to be. */
  isDone: boolean;
  failure: Failure | null;
}

export interface HoldingDeps {
  readonly platform: Pick<Platform, Source | 'sleepIfLidClosed'>;
  readonly claims: SettingClaims;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
  readonly watched: () => Promise<void>;
  /** Something is held that was not, or the other way round: effects may differ. */
  readonly onChanged: () => void;
  readonly problem: (message: string) => void;
}

/**
 * Turns what is wanted into locks and settings. Each of them comes to its goal by itself: one whose tool
 * hangs keeps no other from being let go.
 */
export class Holding {
  readonly #deps: HoldingDeps;
  readonly #held = new Map<string, Held>();
  readonly #listings: Readonly<Record<Source, Listing>>;
  #want: HolderWant | null = null;
  #lidRelease: Promise<void> = Promise.resolve();
  #isPaused = false;

  constructor(deps: HoldingDeps) {
    this.#deps = deps;
    this.#listings = {
      idleLocks: this.#listing('idleLocks'),
      lidLocks: this.#listing('lidLocks'),
      lidSettings: this.#listing('lidSettings'),
    };
  }

  get wantsAnything(): boolean {
    return this.#isWanted('idle');
  }

  get wantsLid(): boolean {
    return this.#isWanted('lid');
  }

  /** Everything was given back. */
  get isFree(): boolean {
    return [...this.#held.values()].every(({ part }) =>
      part instanceof HeldSetting ? part.isFree : !part.isHeld,
    );
  }

  /** Why something that serves it is not as wanted. */
  failureOf(purpose: Purpose): Failure | null {
    const listed = SOURCES.filter((source) => PURPOSE[source] === purpose)
      .map((source) => this.#listings[source].failure)
      .find((failure) => failure !== null);
    const held = [...this.#held.values()].filter(({ source }) => PURPOSE[source] === purpose);
    // What a person changed says more than a lock that failed.
    held.sort((a, b) => Number(b.source === 'lidSettings') - Number(a.source === 'lidSettings'));
    return held.find(({ part }) => part.failure !== null)?.part.failure ?? listed ?? null;
  }

  /** The newest want is the one that counts. */
  apply(want: HolderWant | null): void {
    const before = this.wantsLid;
    const wasAsked = new Map(SOURCES.map((source) => [source, this.#isWanted(PURPOSE[source])]));
    this.#want = want;
    for (const source of SOURCES) {
      this.#direct(source);
      // What a host only renews is not asked for again.
      if (this.#isWanted(PURPOSE[source]) !== wasAsked.get(source)) this.#list(source);
    }
    if (before && !this.wantsLid) this.#lidRelease = this.#afterLidRelease();
  }

  /** Looks whether all is still so, and whether other things should be held. */
  look(slept: boolean): void {
    for (const source of SOURCES) this.#list(source);
    for (const { part } of this.#held.values()) if (part instanceof HeldSetting) part.check(slept);
  }

  /** Gives all settings back until {@link resumeSettings}; false when one could not be. */
  async pauseSettings(): Promise<boolean> {
    this.#isPaused = true;
    this.#direct('lidSettings');
    await this.settled();
    return [...this.#held.values()].every(
      ({ part }) => !(part instanceof HeldSetting) || part.isFree,
    );
  }

  resumeSettings(): void {
    this.#isPaused = false;
    this.look(false);
  }

  /** What failed is tried again at once: something has changed. */
  retry(): void {
    for (const { part } of this.#held.values()) part.retry();
  }

  /** Everything is as wanted, or waits until it is tried again. */
  async settled(): Promise<void> {
    await Promise.all(
      SOURCES.map(async (source) => await this.#listings[source].pursuit.settled()),
    );
    await Promise.all([...this.#held.values()].map(async ({ part }) => await part.settled()));
  }

  /** Like {@link settled}, and the machine was put to sleep where the lid is shut and nothing else keeps it awake. */
  async released(): Promise<void> {
    await this.settled();
    await this.#lidRelease;
  }

  stop(): void {
    for (const source of SOURCES) this.#listings[source].pursuit.stop();
    for (const { part } of this.#held.values()) part.stop();
  }

  #isWanted(purpose: Purpose): boolean {
    const want = this.#want;
    if (want === null) return false;
    return purpose === 'lid' ? want.lid : want.idle || want.lid;
  }

  #listing(source: Source): Listing {
    const { timers, random, onChanged } = this.#deps;
    const listing: Listing = {
      isDone: false,
      failure: null,
      pursuit: new Pursuit({
        timers,
        random,
        next: () =>
          listing.isDone || !this.#isWanted(PURPOSE[source])
            ? null
            : async () => {
                listing.isDone = true;
                await this.#ask(source, listing);
              },
        onStep: (error) => {
          listing.failure = error === null ? null : failureOf(error);
          if (error !== null) {
            listing.isDone = false;
            this.#deps.log.warn(
              { source, err: String(error) },
              'the platform cannot say what to hold',
            );
            onChanged();
          }
        },
      }),
    };
    return listing;
  }

  #list(source: Source): void {
    this.#listings[source].isDone = false;
    this.#listings[source].pursuit.poke();
  }

  async #ask(source: Source, listing: Listing): Promise<void> {
    const { platform, timers } = this.#deps;
    const found = await limited<readonly (Lock | Setting)[]>(
      timers,
      platform[source](),
      'Asking what to hold',
    );
    // Wanted anew meanwhile: what was heard may be old.
    if (!listing.isDone) return;
    const keys = new Set(found.map((one) => this.#keep(source, one)));
    for (const [key, held] of this.#held) if (held.source === source) held.isStale = !keys.has(key);
    this.#direct(source);
  }

  #keep(source: Source, one: Lock | Setting): string {
    const key = `${source} ${'id' in one ? one.id : one.name}`;
    if (!this.#held.has(key)) {
      const { timers, random, log, onChanged, claims, watched, problem } = this.#deps;
      const common = { timers, random, log, onChanged };
      const part =
        'id' in one
          ? new HeldSetting({ ...common, setting: one, claims, watched, problem })
          : new HeldLock({ ...common, lock: one });
      this.#held.set(key, { source, part, isStale: false });
    }
    return key;
  }

  #direct(source: Source): void {
    const isWanted = this.#isWanted(PURPOSE[source]);
    for (const held of this.#held.values()) {
      if (held.source !== source) continue;
      const { part } = held;
      const on = isWanted && !held.isStale && !(this.#isPaused && source === 'lidSettings');
      if (part instanceof HeldSetting) part.want(on);
      else part.want(on ? (this.#want?.why ?? '') : null);
    }
  }

  async #afterLidRelease(): Promise<void> {
    const { platform, timers, log } = this.#deps;
    await this.settled();
    const lid = [...this.#held.values()].filter(({ source }) => PURPOSE[source] === 'lid');
    const isOver = lid.every(({ part }) =>
      part instanceof HeldSetting ? part.isFree && !part.isShared : !part.isHeld,
    );
    if (this.wantsLid || lid.length === 0 || !isOver) return;
    try {
      await limited(timers, platform.sleepIfLidClosed(), 'Sleeping behind the closed lid');
    } catch (error) {
      log.warn({ err: String(error) }, 'the machine may stay awake behind its closed lid');
    }
  }
}
