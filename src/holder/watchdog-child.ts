import { spawn, type ChildProcess } from 'node:child_process';
import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';

const AGAIN_AFTER_MS = 1_000;
/** Said at the end by a holder that has undone everything. */
export const DONE = 'done';

export interface WatchdogCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** The holder's side of its watchdog: a process that sees by the end of a pipe that the holder is gone. */
export class WatchdogChild {
  readonly #command: WatchdogCommand;
  readonly #timers: Timers;
  readonly #log: Logger;
  #child: ChildProcess | null = null;
  #isNeeded = false;

  constructor(deps: { command: WatchdogCommand; timers: Timers; log: Logger }) {
    this.#command = deps.command;
    this.#timers = deps.timers;
    this.#log = deps.log;
  }

  /** It runs; from then on it is started again when it ends. Throws when it cannot be started. */
  async ensure(): Promise<void> {
    this.#isNeeded = true;
    if (this.#child === null) await this.#start();
  }

  /** `undone`: nothing is left for it to do. */
  end(undone: boolean): void {
    this.#isNeeded = false;
    const child = this.#child;
    this.#child = null;
    child?.stdin?.end(undone ? `${DONE}\n` : '');
  }

  async #start(): Promise<void> {
    const { command, args, env } = this.#command;
    // Its own session: whatever ends the holder's group leaves it alone.
    const child = spawn(command, [...args], {
      env,
      detached: true,
      windowsHide: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.on('error', () => {
      // It is gone, which its exit says.
    });
    child.once('exit', (code, signal) => this.#onExit(child, signal ?? `code ${code}`));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new Error(`The watchdog cannot be started: ${error.message}`, { cause: error })),
      );
    });
    child.unref();
    this.#child = child;
  }

  #onExit(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (!this.#isNeeded) return;
    this.#log.warn({ why }, 'the watchdog ended; another is started');
    this.#timers.after(AGAIN_AFTER_MS, () => {
      if (!this.#isNeeded || this.#child !== null) return;
      this.#start().catch((error: unknown) =>
        this.#log.error({ err: String(error) }, 'nobody watches over the settings'),
      );
    });
  }
}
