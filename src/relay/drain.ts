import { CLOSE_MOVE } from '../protocol/relay.ts';
import type { Clock } from './clock.ts';
import type { Line } from './line.ts';

/** For load balancers to see that this node is not ready: they ask every few seconds. */
const NOTICE_MS = 5_000;
const STEP_MS = 250;
const WORDS = 'This relay is stopping: connect again.';

/** What is drained: doors and the lines that came in by them. */
export interface Drained {
  /** Takes nobody new in, from now on. Who comes by POST cannot go on then, and is sent away first. */
  shut(): void;
  /** All that are connected here. */
  lines(): Iterable<Line>;
  sent(count: number): void;
}

/**
 * Sends all clients away over some time, a host together with its devices, so that what takes them in
 * has time for each and none of them is cut twice. Until then all of them are served as ever.
 */
export class Drain {
  readonly #drained: Drained;
  readonly #clock: Clock;
  #isBegun = false;

  constructor(drained: Drained, clock: Clock) {
    this.#drained = drained;
    this.#clock = clock;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Over when nobody is left, or the time is. */
  async run(limitMs: number): Promise<void> {
    this.#isBegun = true;
    const noticeMs = Math.min(NOTICE_MS, limitMs / 4);
    const endsAtMs = this.#clock.nowMs() + limitMs;
    await this.#pass(noticeMs);
    this.#drained.shut();
    for (;;) {
      const restMs = endsAtMs - this.#clock.nowMs();
      if (this.#sendSome(Math.max(1, Math.floor(restMs / STEP_MS))) === 0 || restMs <= 0) return;
      await this.#pass(Math.min(STEP_MS, restMs));
    }
  }

  /** As many as it takes to be through in so many steps. How many there were. */
  #sendSome(steps: number): number {
    const parties = new Map<object, Line[]>();
    let count = 0;
    for (const line of this.#drained.lines()) {
      const { party } = line.listener;
      // Not admitted yet: it will be, or is refused in a moment.
      if (party === undefined) continue;
      count += 1;
      const known = parties.get(party);
      if (known === undefined) parties.set(party, [line]);
      else known.push(line);
    }
    let left = Math.ceil(count / steps);
    for (const lines of parties.values()) {
      if (left <= 0) break;
      left -= lines.length;
      for (const line of lines) sendAway(line);
      this.#drained.sent(lines.length);
    }
    return count;
  }

  async #pass(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
  }
}

/** Whoever it sat with hears that it is gone, as if it had left by itself. */
export function sendAway(line: Line): void {
  const { listener } = line;
  line.close(CLOSE_MOVE, WORDS);
  listener.onClosed();
}
