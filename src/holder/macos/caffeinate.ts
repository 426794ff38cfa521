import { Emitter } from '../../base/emitter.ts';
import type { LongTool } from '../long-tool.ts';
import { type Lock, NotHeld } from '../platform.ts';
import { parseAssertion } from './pmset.ts';
import { CAFFEINATE, type MacosTools, PMSET, pause } from './tools.ts';

const TAKEN_LIMIT_MS = 2_000;
const LOOK_EVERY_MS = 40;

/**
 * Against idle sleep. `-w` binds it to this process, so that SIGKILL of it ends the assertion too. Not
 * `-s`: that counts on mains only, and no assertion at all counts against a closed lid.
 */
export class Caffeinate implements Lock {
  readonly name = 'caffeinate idle';
  readonly #tools: MacosTools;
  readonly #lost = new Emitter<void>();
  #child: LongTool | null = null;
  /** A `take` has said so: from then on its end is a loss. */
  #isTaken = false;
  #ended: Promise<string> = Promise.resolve('');

  constructor(tools: MacosTools) {
    this.#tools = tools;
  }

  get isHeld(): boolean {
    return this.#child !== null;
  }

  /** Whether `pmset` lists it; null when `pmset` cannot be read. */
  async isListed(): Promise<boolean | null> {
    const pid = this.#child?.pid;
    if (pid == null) return false;
    return parseAssertion(await this.#tools.run(PMSET, ['-g', 'assertions']), pid);
  }

  async take(): Promise<void> {
    if (this.#child !== null) return;
    const child = this.#begin();
    const untilMs = this.#tools.timers.nowMs() + TAKEN_LIMIT_MS;
    // It says nothing when it holds; the system's list does.
    while (this.#child === child && this.#tools.timers.nowMs() < untilMs) {
      const isListed = await this.isListed().catch(() => null);
      if (isListed !== false) break;
      await pause(this.#tools.timers, LOOK_EVERY_MS);
    }
    if (this.#child === child) {
      this.#isTaken = true;
      return;
    }
    throw new NotHeld(
      `caffeinate did not keep the Mac awake (${await this.#ended}).`,
      `See whether ${CAFFEINATE} -i works in a terminal.`,
    );
  }

  async letGo(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#isTaken = false;
    child?.stop();
    await this.#ended;
  }

  readonly onLost = (listener: () => void): void => void this.#lost.on(listener);

  #begin(): LongTool {
    let over = (_why: string): void => {};
    this.#ended = new Promise((resolve) => {
      over = resolve;
    });
    const child = this.#tools.start(CAFFEINATE, ['-i', '-w', String(this.#tools.pid)], {
      line: () => {},
      ended: (why) => {
        over(why);
        // Told at once where it could not even be started.
        queueMicrotask(() => this.#gone(child));
      },
    });
    this.#child = child;
    return child;
  }

  #gone(child: LongTool): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#lost.emit();
  }
}
