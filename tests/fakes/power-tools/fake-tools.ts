import type { Timers } from '../../../src/connection/timers.ts';
import type { LongTool, LongToolEvents } from '../../../src/holder/long-tool.ts';

/** A tool that fails as Node tells it: its stderr behind the command. */
export class ToolFailed extends Error {
  constructor(command: string, args: readonly string[], said: string) {
    super(`Command failed: ${[command, ...args].join(' ')}\n${said}`);
  }
}

/** A clock on which whatever waits is due at once, in order: time passes only by waiting. */
export class HastyTimers implements Timers {
  #nowMs = 1_000_000;

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    let isOff = false;
    // What others have to do first is done first; what takes 10 s is a deadline, and not due.
    if (delayMs < 10_000)
      setImmediate(() => {
        if (isOff) return;
        this.#nowMs += delayMs;
        run();
      });
    return () => {
      isOff = true;
    };
  }
}

/** A long-running tool that a test speaks for. */
export class FakeLongTool implements LongTool {
  readonly pid: number;
  readonly #events: LongToolEvents;
  readonly #onLine: (line: string, tool: FakeLongTool) => void;
  #hasEnded = false;

  constructor(
    pid: number,
    events: LongToolEvents,
    onLine: (line: string, tool: FakeLongTool) => void = () => {},
  ) {
    this.pid = pid;
    this.#events = events;
    this.#onLine = onLine;
  }

  get isRunning(): boolean {
    return !this.#hasEnded;
  }

  say(text: string): void {
    if (!this.#hasEnded) this.#events.line(text);
  }

  die(why = 'ended by SIGKILL'): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended(why);
  }

  write(line: string): void {
    if (!this.#hasEnded) this.#onLine(line, this);
  }

  end(): void {
    this.die('exited with 0');
  }

  stop(): void {
    this.die('ended by SIGTERM');
  }
}
