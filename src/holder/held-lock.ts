import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import { limited } from './limited.ts';
import { NotHeld, type Lock } from './platform.ts';
import { Pursuit } from './pursuit.ts';

export interface Failure {
  readonly message: string;
  readonly fix: string | null;
}

export function failureOf(error: unknown): Failure {
  return {
    message: error instanceof Error ? error.message : String(error),
    fix: error instanceof NotHeld ? error.fix : null,
  };
}

export interface HeldLockDeps {
  readonly lock: Lock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
  /** It is held, or no more, or could not be. */
  readonly onChanged: () => void;
}

/** Keeps one lock as it is wanted: takes it again when it was lost, lets go of what came too late. */
export class HeldLock {
  readonly #deps: HeldLockDeps;
  readonly #pursuit: Pursuit;
  #why: string | null = null;
  #isHeld = false;
  /** Not known to be held, and not known to be let go. */
  #mayBeHeld = false;
  #failure: Failure | null = null;

  constructor(deps: HeldLockDeps) {
    this.#deps = deps;
    const { lock, timers, random } = deps;
    this.#pursuit = new Pursuit({
      timers,
      random,
      next: () => this.#next(),
      onStep: (error) => this.#onStep(error),
    });
    lock.onLost(() => this.#onLost());
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Why it is not as it is wanted. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** Null: let go. */
  want(why: string | null): void {
    const before = this.#why;
    this.#why = why;
    if ((before === null) === (why === null)) return;
    // A take that hangs must not keep it waiting.
    if (why === null && this.#mayBeHeld && !this.#isHeld)
      void this.#deps.lock.letGo().catch(() => {});
    this.#pursuit.poke();
  }

  /** The world has changed: what failed may go well now. */
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
    if (this.#why !== null) {
      const why = this.#why;
      return this.#isHeld ? null : async () => await this.#take(why);
    }
    return this.#isHeld || this.#mayBeHeld ? async () => await this.#letGo() : null;
  }

  async #take(why: string): Promise<void> {
    const { lock, timers } = this.#deps;
    this.#mayBeHeld = true;
    try {
      await limited(timers, lock.take(why), `Taking ${lock.name}`, {
        onLate: () => this.#onLate(),
      });
    } catch (error) {
      // One that came too late would be nobody's.
      await this.#letGo();
      throw error;
    }
    this.#isHeld = true;
    this.#deps.log.info({ lock: lock.name }, 'took a lock');
  }

  async #letGo(): Promise<void> {
    const { lock, timers, log } = this.#deps;
    await limited(timers, lock.letGo(), `Letting go of ${lock.name}`);
    if (this.#isHeld) log.info({ lock: lock.name }, 'let go of a lock');
    this.#isHeld = false;
    this.#mayBeHeld = false;
  }

  #onStep(error: unknown): void {
    const { lock, log, onChanged } = this.#deps;
    if (error === null) this.#failure = null;
    else if (this.#why !== null || this.#isHeld) {
      this.#failure = failureOf(error);
      log.warn({ lock: lock.name, err: this.#failure.message }, 'a lock is not as it is wanted');
    }
    onChanged();
  }

  #onLost(): void {
    if (!this.#isHeld) return;
    const { lock, log, onChanged } = this.#deps;
    this.#isHeld = false;
    if (this.#why !== null) {
      this.#failure = { message: `${lock.name} was ended by somebody else`, fix: null };
      log.warn({ lock: lock.name }, 'a lock was lost');
    }
    this.#pursuit.setBack();
    onChanged();
  }

  #onLate(): void {
    if (this.#isHeld) return;
    this.#mayBeHeld = true;
    if (this.#why === null) this.#pursuit.poke();
  }
}
