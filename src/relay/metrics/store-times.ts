import type { Clock } from '../clock.ts';
import type { MailStore } from '../mail/mail-store.ts';
import type { NoteStore } from '../notes/note-store.ts';
import type { Family, Sample } from './exposition.ts';
import { Histogram, histogram } from './histogram.ts';

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long stores take until what was put there is durable; what fails counts too, with its time. */
export class StoreTimes {
  readonly #clock: Clock;
  readonly #times = new Map<string, Histogram>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  families(): Family[] {
    if (this.#times.size === 0) return [];
    const samples = [...this.#times].flatMap(([store, times]): Sample[] =>
      times.samples(`store="${store}"`),
    );
    return [histogram('store_write_seconds', 'Until what was put in a store is durable.', samples)];
  }

  ofMail(store: MailStore): MailStore {
    const timed = this.#timed('mail');
    return {
      limits: store.limits,
      leave: async (channel, mail) => await timed(async () => await store.leave(channel, mail)),
      read: async (channel, count) => await store.read(channel, count),
      taken: async (channel, mail) => await timed(async () => await store.taken(channel, mail)),
      close: async () => await store.close(),
    };
  }

  ofNotes(store: NoteStore): NoteStore {
    const timed = this.#timed('notes');
    return {
      open: async () => await store.open(),
      put: (key, text) => store.put(key, text),
      durable: async () => await timed(async () => await store.durable()),
      close: async () => await store.close(),
    };
  }

  #timed(store: string): <T>(write: () => Promise<T>) => Promise<T> {
    const times = this.#times.get(store) ?? new Histogram(BOUNDS);
    this.#times.set(store, times);
    return async (write) => {
      const beganAtMs = this.#clock.nowMs();
      try {
        return await write();
      } finally {
        times.observe((this.#clock.nowMs() - beganAtMs) / 1_000);
      }
    };
  }
}
