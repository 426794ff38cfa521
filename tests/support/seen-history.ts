import type { FollowResult } from '../../src/protocol/methods.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { merge } from '../../src/protocol/session/merge.ts';

const PAGE = 2_000;

/** What one surface was shown of one session, and what about it must not be. */
export class SeenHistory {
  /** Events that came twice, too early or too late. */
  readonly faults: string[] = [];
  readonly #bySeq = new Map<number, SessionEvent>();
  #lastSeq = 0;

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** In order, as they were shown; a merged one stands for several. */
  get events(): SessionEvent[] {
    return [...this.#bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  restart({ continues, events, state }: FollowResult): void {
    if (continues) this.take(events);
    else
      for (const event of events) if (event.seq > this.#lastSeq) this.#bySeq.set(event.seq, event);
    if (state.lastSeq < this.#lastSeq)
      this.faults.push(`the host has ${state.lastSeq} events, ${this.#lastSeq} were shown`);
    if (continues && state.lastSeq !== this.#lastSeq)
      this.faults.push(`continued to ${this.#lastSeq} and not to ${state.lastSeq}`);
    this.#lastSeq = state.lastSeq;
  }

  take(events: readonly SessionEvent[]): void {
    for (const event of events) {
      if ((event.from ?? event.seq) !== this.#lastSeq + 1)
        this.faults.push(`${event.from ?? event.seq} came after ${this.#lastSeq}`);
      this.#bySeq.set(event.seq, event);
      this.#lastSeq = Math.max(this.#lastSeq, event.seq);
    }
  }

  /** Reads what lies between that a snapshot skipped. */
  async fill(
    page: (after: number, limit: number) => Promise<readonly SessionEvent[]>,
  ): Promise<void> {
    let last = 0;
    for (const event of this.events) {
      const from = event.from ?? event.seq;
      while (last + 1 < from) {
        const wanted = (await page(last, PAGE)).filter(({ seq }) => seq < from);
        if (wanted.length === 0) throw new Error(`There are no events after ${last}.`);
        for (const each of wanted) this.#bySeq.set(each.seq, each);
        last = wanted.at(-1)?.seq ?? last;
      }
      last = event.seq;
    }
  }

  /** What is different from the host's own log, byte by byte; nothing when all is well. */
  differences(stored: readonly SessionEvent[]): string[] {
    const wrong = [...this.faults];
    const seen = this.events;
    let last = 0;
    for (const event of seen) {
      const from = event.from ?? event.seq;
      if (from !== last + 1) wrong.push(`${from} follows ${last}`);
      last = event.seq;
      const [whole, ...others] = merge(stored.slice(from - 1, event.seq));
      if (others.length > 0 || JSON.stringify(whole) !== JSON.stringify(event))
        wrong.push(
          `event ${event.seq} was shown as ${JSON.stringify(event)}, is ${JSON.stringify(whole)}`,
        );
    }
    if (last !== (stored.at(-1)?.seq ?? 0))
      wrong.push(`${last} were shown of ${stored.at(-1)?.seq ?? 0}`);
    return wrong;
  }
}
