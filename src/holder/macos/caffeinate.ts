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
      if ((await this.isListed().catch(() => null)) !== false) return;
      await pause(this.#tools.timers, LOOK_EVERY_MS);
    }
    if (this.#child === child) return;
    throw new NotHeld(
      `caffeinate did not keep the Mac awake (${await this.#ended}).`,
      `See whether ${CAFFEINATE} -i works in a terminal.`,
    );
  }

  async letGo(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    child?.stop();
    await this.#ended;
  }

  readonly onLost = (listener: () => void): void => void this.#lost.on(listener);

  #begin(): LongTool {
    let over = (_why: string): void => {};
    this.#ended = new Promise((resolve) => {
      over = resolve;
    });
    let child: LongTool | null = null;
    let isTaken = false;
    let hasEnded = false;
    child = this.#tools.start(CAFFEINATE, ['-i', '-w', String(this.#tools.pid)], {
      line: () => {},
      ended: (why) => {
        hasEnded = true;
        over(why);
        if (this.#child !== child || !isTaken) return;
        this.#child = null;
        this.#lost.emit();
      },
    });
    isTaken = true;
    this.#child = hasEnded ? null : child;
    return child;
  }
}
