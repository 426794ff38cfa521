import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../timers.ts';

/**
 * What is known of the way to the host, leg by leg, each with its age. Only sealed messages count as
 * heard: a relay can fake everything else, and a heartbeat of its says nothing of the host.
 */
export interface LinkFacts {
  /** The device says that it has a network. Its "yes" proves nothing. */
  readonly network: boolean;
  /** Since when the relay is connected, or not; `rttMs` of its last pong. */
  readonly relay: {
    readonly up: boolean;
    readonly sinceMs: number | null;
    readonly rttMs: number | null;
  };
  /** What the relay says of the host; null while the relay is not connected. */
  readonly host: { readonly here: boolean | null; readonly sinceMs: number | null };
  /** When the host's last sealed message arrived. */
  readonly heardAtMs: number | null;
  /** The last question that the host itself answered: when, and how long it took there and back. */
  readonly checked: { readonly atMs: number; readonly tookMs: number } | null;
}

/** Each message would be news otherwise. */
const HEARD_EVERY_MS = 1_000;

/** Keeps the facts of one link; who shows them is told of each change. */
export class LinkWatch {
  readonly changed = new Emitter<LinkFacts>();
  readonly #timers: Timers;
  #facts: LinkFacts = {
    network: true,
    relay: { up: false, sinceMs: null, rttMs: null },
    host: { here: null, sinceMs: null },
    heardAtMs: null,
    checked: null,
  };

  constructor(timers: Timers, heardAtMs: number | null = null) {
    this.#timers = timers;
    this.#facts = { ...this.#facts, heardAtMs };
  }

  get facts(): LinkFacts {
    return this.#facts;
  }

  network(isOnline: boolean): void {
    if (isOnline !== this.#facts.network) this.#set({ network: isOnline });
  }

  relayUp(hostIsHere: boolean): void {
    const sinceMs = this.#timers.nowMs();
    this.#set({
      relay: { up: true, sinceMs, rttMs: null },
      host: { here: hostIsHere, sinceMs },
    });
  }

  relayDown(): void {
    if (!this.#facts.relay.up && this.#facts.relay.sinceMs !== null) return;
    this.#set({
      relay: { up: false, sinceMs: this.#timers.nowMs(), rttMs: null },
      host: { here: null, sinceMs: null },
    });
  }

  relayAnswered(rttMs: number): void {
    this.#set({ relay: { ...this.#facts.relay, rttMs } });
  }

  host(isHere: boolean): void {
    this.#set({ host: { here: isHere, sinceMs: this.#timers.nowMs() } });
  }

  /** Something that only the host can have sealed. */
  heard(): void {
    const nowMs = this.#timers.nowMs();
    const { heardAtMs } = this.#facts;
    // A clock that was set back must not hold the news for hours.
    if (heardAtMs === null || Math.abs(nowMs - heardAtMs) >= HEARD_EVERY_MS)
      this.#set({ heardAtMs: nowMs });
  }

  checked(tookMs: number): void {
    const atMs = this.#timers.nowMs();
    this.#set({ heardAtMs: atMs, checked: { atMs, tookMs } });
  }

  #set(facts: Partial<LinkFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.changed.emit(this.#facts);
  }
}
