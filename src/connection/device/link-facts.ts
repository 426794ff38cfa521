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
  /** What the relay says of the host; `here` is null while the relay is not connected. */
  readonly host: {
    readonly here: boolean | null;
    readonly sinceMs: number | null;
    /** Since when its machine sleeps, by this device's clock; null: it does not, or nobody said so. */
    readonly asleepSinceMs: number | null;
    /**
     * Whose word that is. The host's was sealed, holds over a reload of the page, and ends when the
     * host is heard on a new channel. The relay's is a hint, for a device that was not there to be told.
     */
    readonly asleepSaidBy: 'host' | 'relay' | null;
  };
  /** When the host's last sealed message arrived. */
  readonly heardAtMs: number | null;
  /** The last question that the host itself answered: when, and how long it took there and back. */
  readonly checked: { readonly atMs: number; readonly tookMs: number } | null;
}

/** Each message would be news otherwise. */
const HEARD_EVERY_MS = 1_000;

type Sleeping = Pick<LinkFacts['host'], 'asleepSinceMs' | 'asleepSaidBy'>;

const AWAKE: Sleeping = { asleepSinceMs: null, asleepSaidBy: null };

function sleepOf(asleepSinceMs: number | null, asleepSaidBy: 'host' | 'relay'): Sleeping {
  return asleepSinceMs === null ? AWAKE : { asleepSinceMs, asleepSaidBy };
}

export interface KeptFacts {
  /** When something of the host last arrived. */
  readonly heardAtMs?: number | null;
  /** Since when it sleeps, on its own word. */
  readonly asleepSinceMs?: number | null;
}

/** Keeps the facts of one link; who shows them is told of each change. */
export class LinkWatch {
  readonly changed = new Emitter<LinkFacts>();
  readonly #timers: Timers;
  #facts: LinkFacts = {
    network: true,
    relay: { up: false, sinceMs: null, rttMs: null },
    host: { here: null, sinceMs: null, ...AWAKE },
    heardAtMs: null,
    checked: null,
  };

  /** `kept`: what was known when this device last ran. */
  constructor(timers: Timers, kept: KeptFacts = {}) {
    const { heardAtMs = null, asleepSinceMs = null } = kept;
    this.#timers = timers;
    this.#facts = {
      ...this.#facts,
      heardAtMs,
      host: { here: null, sinceMs: null, ...sleepOf(asleepSinceMs, 'host') },
    };
  }

  get facts(): LinkFacts {
    return this.#facts;
  }

  network(isOnline: boolean): void {
    if (isOnline !== this.#facts.network) this.#set({ network: isOnline });
  }

  relayUp(hostIsHere: boolean, asleepSince: string | null): void {
    const sinceMs = this.#timers.nowMs();
    this.#set({
      relay: { up: true, sinceMs, rttMs: null },
      host: { here: hostIsHere, sinceMs, ...this.#hinted(hostIsHere ? null : asleepSince) },
    });
  }

  relayDown(): void {
    if (!this.#facts.relay.up && this.#facts.relay.sinceMs !== null) return;
    this.#set({
      relay: { up: false, sinceMs: this.#timers.nowMs(), rttMs: null },
      host: { here: null, sinceMs: null, ...this.#hinted(null) },
    });
  }

  relayAnswered(rttMs: number): void {
    this.#set({ relay: { ...this.#facts.relay, rttMs } });
  }

  host(isHere: boolean, asleepSince: string | null): void {
    const sinceMs = this.#timers.nowMs();
    this.#set({
      host: { here: isHere, sinceMs, ...this.#hinted(isHere ? null : asleepSince) },
    });
  }

  /** The host said, sealed, that its machine goes to sleep. */
  fellAsleep(at: string): void {
    this.#set({ host: { ...this.#facts.host, ...sleepOf(this.#passed(at), 'host') } });
  }

  /** The host said that it is back, or could only be heard because it is. */
  woke(): void {
    if (this.#facts.host.asleepSinceMs !== null)
      this.#set({ host: { ...this.#facts.host, ...AWAKE } });
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

  /** The relay's word counts only where the host has not spoken itself. */
  #hinted(asleepSince: string | null): Sleeping {
    const { asleepSinceMs, asleepSaidBy } = this.#facts.host;
    if (asleepSaidBy === 'host') return { asleepSinceMs, asleepSaidBy };
    return sleepOf(asleepSince === null ? null : this.#passed(asleepSince), 'relay');
  }

  /** The clock there may be ahead of ours. */
  #passed(at: string): number {
    return Math.min(Date.parse(at), this.#timers.nowMs());
  }

  #set(facts: Partial<LinkFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.changed.emit(this.#facts);
  }
}
