import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import { failureOf, type Failure } from './held-lock.ts';
import type { JournalEntry } from './journal.ts';
import type { Setting } from './platform.ts';
import { Pursuit } from './pursuit.ts';
import type { Restored, SettingClaims } from './setting-claims.ts';

type State =
  | { readonly is: 'free' }
  /** `entry` null: it was so before us. */
  | { readonly is: 'held'; readonly entry: JournalEntry | null }
  /** A change has failed half-way: whatever it did has to be undone. */
  | { readonly is: 'unknown' }
  /** Somebody else has changed it while we held it: not touched until it is wanted anew. */
  | { readonly is: 'theirs' };

export interface HeldSettingDeps {
  readonly setting: Setting;
  readonly claims: SettingClaims;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
  /** The watchdog runs; throws when it cannot be started. */
  readonly watched: () => Promise<void>;
  readonly onChanged: () => void;
  /** For a person. */
  readonly problem: (message: string) => void;
}

/** Keeps one setting as it is wanted, and gives it back as it was. */
export class HeldSetting {
  readonly #deps: HeldSettingDeps;
  readonly #pursuit: Pursuit;
  #isWanted = false;
  #state: State = { is: 'free' };
  #failure: Failure | null = null;
  #check: { slept: boolean } | null = null;
  #toldOfFailedRelease = false;
  #lastRelease: Restored = 'nothing';

  constructor(deps: HeldSettingDeps) {
    this.#deps = deps;
    const { timers, random } = deps;
    this.#pursuit = new Pursuit({
      timers,
      random,
      next: () => this.#next(),
      onStep: (error) => this.#onStep(error),
    });
  }

  get failure(): Failure | null {
    return this.#failure;
  }

  /** Nothing of it is ours. */
  get isFree(): boolean {
    return this.#state.is === 'free';
  }

  /** The last release left it to another home. */
  get isShared(): boolean {
    return this.#lastRelease === 'shared';
  }

  want(isWanted: boolean): void {
    if (this.#isWanted === isWanted) return;
    this.#isWanted = isWanted;
    this.#pursuit.poke();
  }

  /** Looks whether it is still ours. `slept`: since the last look. */
  check(slept: boolean): void {
    if (this.#state.is !== 'held') return;
    this.#check = { slept: slept || this.#check?.slept === true };
    this.#pursuit.poke();
  }

  retry(): void {
    if (this.#next() !== null) this.#pursuit.poke();
  }

  async settled(): Promise<void> {
    await this.#pursuit.settled();
  }

  stop(): void {
    this.#pursuit.stop();
  }

  #next(): (() => Promise<void>) | null {
    const state = this.#state;
    if (!this.#isWanted) {
      if (state.is === 'free') return null;
      return async () => await this.#release(state);
    }
    if (state.is === 'free' || state.is === 'unknown') return async () => await this.#claim();
    const check = this.#check;
    if (state.is !== 'held' || check === null) return null;
    return async () => await this.#look(state.entry, check.slept);
  }

  async #claim(): Promise<void> {
    const { setting, claims, watched, log } = this.#deps;
    await watched();
    this.#state = { is: 'unknown' };
    const entry = await claims.claim(setting);
    this.#state = { is: 'held', entry };
    this.#check = null;
    log.info(
      { setting: setting.id, before: entry?.before ?? setting.ours },
      entry === null ? 'a setting is as it has to be already' : 'changed a setting',
    );
  }

  async #look(entry: JournalEntry | null, slept: boolean): Promise<void> {
    const { setting, claims, problem } = this.#deps;
    const found = await claims.check(setting, entry, slept);
    this.#check = null;
    if (found === 'ours') return;
    this.#state = { is: 'theirs' };
    const message = `${setting.label} was changed by somebody else meanwhile, and stays as they want it`;
    this.#failure = { message, fix: 'Set it back, or release and hold again.' };
    problem(`${message}.`);
  }

  async #release(state: State): Promise<void> {
    const { setting, claims, problem, log } = this.#deps;
    this.#lastRelease = 'nothing';
    if (state.is === 'unknown' || (state.is === 'held' && state.entry !== null)) {
      const entry = state.is === 'held' ? state.entry : null;
      this.#lastRelease = await claims.release(setting, entry);
      log.info({ setting: setting.id, how: this.#lastRelease }, 'gave a setting back');
      if (this.#lastRelease === 'theirs')
        problem(
          `${setting.label} was changed by somebody else meanwhile: it stays as they want it, and is not set back.`,
        );
    }
    this.#state = { is: 'free' };
    this.#check = null;
    this.#toldOfFailedRelease = false;
  }

  #onStep(error: unknown): void {
    const { setting, log, onChanged, problem } = this.#deps;
    if (error === null) {
      if (this.#state.is !== 'theirs') this.#failure = null;
    } else {
      this.#failure = failureOf(error);
      log.warn({ setting: setting.id, err: this.#failure.message }, 'a setting is not as wanted');
      if (!this.#isWanted && !this.#toldOfFailedRelease) {
        this.#toldOfFailedRelease = true;
        problem(
          `${setting.label} could not be set back and is still as Porchlight made it (${this.#failure.message}). It is tried again.`,
        );
      }
    }
    onChanged();
  }
}
