import { MAX_BUS_BYTES, type Bus, type Reply } from '../../src/relay/cluster/bus.ts';
import { ROOM } from '../../src/relay/cluster/room.ts';
import type { Clock } from '../../src/relay/clock.ts';

/** What the net does to what is on its way; may be changed at any time. */
export interface BusWeather {
  /** Of one message between two members; 0 arrives as soon as what runs now has run. */
  delayMs: () => number;
  /** Chance of one message to be lost on its way to one member. */
  loss: number;
  /** Chance of one message to arrive twice. A real bus does not do that; who is proof against it loses nothing. */
  doubling: number;
  /** Also that one message overtakes another, where their delays differ. A real bus does not do that either. */
  isUnordered: boolean;
  /** What one member says does not reach the other; the other way may be open. */
  isDeaf: (from: MemoryBus, to: MemoryBus) => boolean;
  /** How long it takes until a subscription at one member is known to the others. */
  interestMs: number;
}

type Heard = (payload: Uint8Array, asked: Reply | null) => void;

interface Subscription {
  readonly subject: string;
  readonly heard: Heard;
  /** Known to the others. */
  isKnown: boolean;
}

/**
 * A bus in one process, with all that may go wrong on a real one, on command. With no weather set all
 * arrives, in order, soon.
 */
export class MemoryBusNet {
  readonly weather: BusWeather = {
    delayMs: () => 0,
    loss: 0,
    doubling: 0,
    isUnordered: false,
    isDeaf: () => false,
    interestMs: 0,
  };
  readonly members = new Set<MemoryBus>();
  /** Told of each message that is published while its publisher is up. */
  onPublish: (from: MemoryBus, subject: string, payload: Uint8Array) => void = () => {};
  readonly clock: Clock;
  readonly random: () => number;
  #groups: readonly ReadonlySet<MemoryBus>[] = [];

  constructor(clock: Clock, random: () => number = Math.random) {
    this.clock = clock;
    this.random = random;
  }

  join(): MemoryBus {
    const member = new MemoryBus(this);
    this.members.add(member);
    return member;
  }

  /**
   * Nothing passes between members of different groups, who stay up; who is in no group is one of its
   * own. What is on its way arrives, or not, as it is when it would.
   */
  part(...groups: readonly (readonly MemoryBus[])[]): void {
    this.#groups = groups.map((group) => new Set(group));
  }

  heal(): void {
    this.#groups = [];
  }

  joins(a: MemoryBus, b: MemoryBus): boolean {
    if (a === b || this.#groups.length === 0) return true;
    return this.#groups.some((group) => group.has(a) && group.has(b));
  }
}

/** One member, as a node of a relay has it. */
export class MemoryBus implements Bus {
  readonly #net: MemoryBusNet;
  readonly #subscriptions = new Set<Subscription>();
  readonly #changed = new Set<(isUp: boolean) => void>();
  /** Of each member, what is on its way to it, in order. */
  readonly #wires = new Map<MemoryBus, (() => void)[]>();
  readonly #unsent: (() => void)[] = [];
  readonly #asks = new Set<() => void>();
  /** Grows whenever the member goes down: what was on its way to or from it before is gone. */
  #life = 0;
  #isUp = true;
  #isClosed = false;
  #isStalled = false;
  #unsentBytes = 0;

  constructor(net: MemoryBusNet) {
    this.#net = net;
  }

  // ── on command ──

  setUp(isUp: boolean): void {
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    if (!isUp) this.#drop();
    for (const changed of [...this.#changed]) changed(isUp);
  }

  /** What is published stays in this process until it is called with false. */
  setStalled(isStalled: boolean): void {
    this.#isStalled = isStalled;
    if (isStalled) return;
    this.#unsentBytes = 0;
    for (const send of this.#unsent.splice(0)) send();
  }

  // ── as a bus ──

  get isUp(): boolean {
    return this.#isUp;
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  onState(changed: (isUp: boolean) => void): () => void {
    this.#changed.add(changed);
    return () => void this.#changed.delete(changed);
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#say(subject, payload, null);
  }

  publishWithRoom(subject: string, payload: Buffer): void {
    this.publish(subject, payload);
    // What another bus would write there; whose bytes these are finds out now.
    const { buffer, byteOffset, length } = payload;
    Buffer.from(buffer, byteOffset - ROOM.front, ROOM.front).fill(0xff);
    Buffer.from(buffer, byteOffset + length, ROOM.back).fill(0xff);
  }

  subscribe(subject: string, heard: Heard): () => void {
    const subscription: Subscription = { subject, heard, isKnown: false };
    this.#subscriptions.add(subscription);
    const { clock, weather } = this.#net;
    if (weather.interestMs === 0) subscription.isKnown = true;
    else clock.after(weather.interestMs, () => (subscription.isKnown = true));
    return () => void this.#subscriptions.delete(subscription);
  }

  async ask(subject: string, payload: Uint8Array, limitMs: number): Promise<Uint8Array | null> {
    return await new Promise((resolve) => {
      const end = (answer: Uint8Array | null): void => {
        this.#asks.delete(giveUp);
        callOff();
        resolve(answer);
      };
      const giveUp = (): void => end(null);
      const callOff = this.#net.clock.after(limitMs, giveUp);
      this.#asks.add(giveUp);
      const isHeard = [...this.#net.members].some((to) => this.#reaches(to, subject));
      if (!this.#isUp || !isHeard) return giveUp();
      this.#say(subject, payload, end);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isUp = false;
    this.#drop();
    this.#changed.clear();
    this.#subscriptions.clear();
    this.#net.members.delete(this);
    await Promise.resolve();
  }

  // ── on the way ──

  #drop(): void {
    this.#life += 1;
    this.#unsent.length = 0;
    this.#unsentBytes = 0;
    for (const giveUp of [...this.#asks]) giveUp();
  }

  #reaches(to: MemoryBus, subject: string): boolean {
    return to.#isUp && this.#net.joins(this, to) && to.#hearers(subject, this).length > 0;
  }

  #hearers(subject: string, from: MemoryBus): Subscription[] {
    return [...this.#subscriptions].filter(
      (one) => one.subject === subject && (one.isKnown || from === this),
    );
  }

  #say(subject: string, given: Uint8Array, answered: ((answer: Uint8Array) => void) | null): void {
    if (!this.#isUp || given.length > MAX_BUS_BYTES) return;
    const payload = Buffer.from(given);
    const send = (): void => {
      this.#net.onPublish(this, subject, payload);
      for (const to of this.#net.members)
        // A wire as a server sees it: interest is looked up when the message passes it, not later.
        if (this.#reaches(to, subject))
          this.#carry(to, () => to.#hear(this, subject, payload, answered));
    };
    if (!this.#isStalled) return send();
    this.#unsent.push(send);
    this.#unsentBytes += payload.length;
  }

  #hear(
    from: MemoryBus,
    subject: string,
    payload: Uint8Array,
    answered: ((answer: Uint8Array) => void) | null,
  ): void {
    for (const one of this.#hearers(subject, from)) {
      if (!this.#subscriptions.has(one)) continue;
      let hasReplied = false;
      const reply: Reply = (answer) => {
        if (hasReplied || answered === null || !this.#isUp) return;
        hasReplied = true;
        const sent = Buffer.from(answer);
        this.#carry(from, () => answered(sent));
      };
      one.heard(Buffer.from(payload), answered && reply);
    }
  }

  /** Takes it to another member (or to ourselves), as far as the weather lets it. */
  #carry(to: MemoryBus, arrive: () => void): void {
    const { weather, random, clock } = this.#net;
    const [own, theirs] = [this.#life, to.#life];
    const land = (): void => {
      const arrives = this.#net.joins(this, to) && !weather.isDeaf(this, to);
      if (own === this.#life && theirs === to.#life && arrives) arrive();
    };
    const times = random() < weather.loss ? 0 : random() < weather.doubling ? 2 : 1;
    for (let n = 0; n < times; n += 1) {
      const delayMs = weather.delayMs();
      if (weather.isUnordered) {
        clock.after(delayMs, land);
        continue;
      }
      const wire = this.#wires.get(to) ?? [];
      this.#wires.set(to, wire);
      wire.push(land);
      // Each call takes the first that is on the wire, so none overtakes another.
      const first = (): void => wire.shift()?.();
      if (delayMs === 0) setImmediate(first);
      else clock.after(delayMs, first);
    }
  }
}
