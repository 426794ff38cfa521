import { z } from 'zod';
import { Emitter } from '../../base/emitter.ts';
import { type Lock, NotHeld } from '../platform.ts';
import type { PowerChild } from './power-child.ts';

const doneSchema = z.object({});

const BLOCKED_FIX =
  'PowerShell must be allowed to compile a type: in constrained language mode, as some companies set it, Porchlight cannot keep this PC awake. Ask whoever manages it.';

/** Against idle sleep. Windows ends it with the process that holds it, and when a person puts the PC to sleep. */
export class PowerRequest implements Lock {
  readonly name = 'power request';
  readonly #child: PowerChild;
  readonly #lost = new Emitter<void>();
  #isWanted = false;
  #isHeld = false;
  #why = '';

  constructor(child: PowerChild) {
    this.#child = child;
    child.ended.on(() => {
      if (!this.#isHeld) return;
      this.#isHeld = false;
      this.#isWanted = false;
      this.#lost.emit();
    });
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async take(why: string): Promise<void> {
    if (this.#isHeld) return;
    this.#isWanted = true;
    this.#why = why;
    try {
      await this.#child.ask(doneSchema, 'hold', why);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      // It may have been done all the same.
      if (this.#child.isRunning) this.#child.stop();
      throw new NotHeld(`Windows was not asked to stay awake: ${said}.`, BLOCKED_FIX);
    }
    if (!this.#isWanted) throw new NotHeld('It was let go while it was taken.');
    this.#isHeld = true;
  }

  /** Made anew: a sleep that a person asked for ends it, and so does Modern Standby on battery. */
  async renew(): Promise<void> {
    if (!this.#isHeld) return;
    await this.#child.ask(doneSchema, 'drop');
    if (this.#isWanted) await this.#child.ask(doneSchema, 'hold', this.#why);
  }

  async letGo(): Promise<void> {
    this.#isWanted = false;
    this.#isHeld = false;
    if (!this.#child.isRunning) return;
    // Behind a `hold` under way: its answers come in order.
    await this.#child.ask(doneSchema, 'drop').catch(() => this.#child.stop());
  }

  readonly onLost = (listener: () => void): void => void this.#lost.on(listener);
}
