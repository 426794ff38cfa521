import {
  CLOSE_BUSY,
  CLOSE_ENDED,
  CLOSE_REFUSED,
  CLOSE_REPLACED,
  type ChannelId,
  type DeviceId,
  type RendezvousId,
} from '../../protocol/relay.ts';
import { Bucket } from '../bucket.ts';
import type { Channel } from '../channel.ts';
import type { Clock } from '../clock.ts';
import type { Place } from '../place.ts';
import type { RendezvousBook } from '../rendezvous.ts';
import type { Seat } from '../seat.ts';
import { REVOKED } from '../words.ts';
import type { Branch } from './branch.ts';
import type { Bus } from './bus.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import type { FactDesk } from './fact-desk.ts';
import { OpenOffer } from './offers.ts';
import type { NodeId } from './peers.ts';
import type { Home, Root } from './roots.ts';
import { Search } from './search.ts';
import { isNewer, isSame, readStamp, stampBytes, type Stamp } from './stamp.ts';
import type { Subjects } from './subjects.ts';
import type { TrunkEnd, Trunk } from './trunk.ts';
import type { Trunks } from './trunks.ts';

/** A device hears within this time that its host is at no node. */
const LOOK_LIMIT_MS = 300;
/** Nodes that have only just begun to listen hear it then. */
const ANNOUNCE_AGAIN_MS = 300;
/** A host that went most often comes back at once, and says so itself. */
const LOOK_AFTER_MS = 100;

/** What a device at another node sends is charged to its address there. */
const PAID_ELSEWHERE = new Bucket({ burst: Infinity, perSecond: Infinity }, 0);

export interface PlaceWorld {
  readonly self: NodeId;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly clock: Clock;
  /** Milliseconds since 1970: for hosts that do not say when they dialled. */
  wallMs(): number;
  readonly random: () => number;
  readonly trunks: Trunks;
  readonly facts: FactDesk;
  readonly counts: ClusterCounts;
  readonly rendezvous: RendezvousBook;
  /** Those that listen: somebody of the channel is here. */
  readonly places: Set<ClusterPlace>;
  /** Those whose host is here. */
  readonly homes: Map<ChannelId, ClusterPlace>;
}

/** The host that sits here by its own line. */
interface Here {
  readonly stamp: Stamp;
  /** Itself when it dialled. */
  readonly hasSaid: boolean;
  readonly roots: Set<Root>;
  readonly stops: (() => void)[];
  offer: { readonly rendezvous: RendezvousId; readonly open: OpenOffer; stop(): void } | null;
  asleepSince: string | null;
  /** Counts up with what is written down of it. */
  revision: number;
}

/** Where the host of one channel is, as this node knows it; and what it tells the others of it. */
export class ClusterPlace implements Place, Home, TrunkEnd {
  readonly id: ChannelId;
  readonly channel: Channel;
  readonly #world: PlaceWorld;
  readonly #search: Search;
  #here: Here | null = null;
  #trunk: Trunk | null = null;
  #unhear: (() => void) | null = null;

  constructor(id: ChannelId, channel: Channel, world: PlaceWorld) {
    this.id = id;
    this.channel = channel;
    this.#world = world;
    const { clock, random } = world;
    this.#search = new Search(clock, random, async (isFirst) => await this.#look(isFirst));
  }

  get stamp(): Stamp | null {
    return this.#here?.stamp ?? null;
  }

  get revoked() {
    return this.channel.revocations;
  }

  // ── for the channel ──

  mayHost(dialledMs: number | null): boolean {
    // Who does not say when it dialled has dialled now.
    if (dialledMs === null) return true;
    if (this.#here !== null) return !this.#here.hasSaid || dialledMs >= this.#here.stamp.dialledMs;
    const trunk = this.#trunk;
    return trunk === null || isNewer({ dialledMs, node: this.#world.self }, trunk.home);
  }

  hostCame(dialledMs: number | null): void {
    const { self, bus, subjects, clock } = this.#world;
    const known = this.#trunk?.home.dialledMs ?? -1;
    const stamp = { dialledMs: dialledMs ?? Math.max(this.#world.wallMs(), known + 1), node: self };
    this.#trunk = null;
    this.#search.stop();
    this.#hear();
    const answer = stampBytes(stamp);
    const stops = [
      bus.subscribe(subjects.seek(this.id), (_payload, reply) => reply?.(answer)),
      clock.after(ANNOUNCE_AGAIN_MS, () => this.announce()),
    ];
    const hasSaid = dialledMs !== null;
    this.#here = {
      ...{ stamp, hasSaid, stops, roots: new Set() },
      ...{ offer: null, asleepSince: null, revision: 0 },
    };
    this.#world.homes.set(this.id, this);
    this.announce();
    this.#keepFacts();
  }

  hostWent(asleepSince: string | null): void {
    const here = this.#here;
    if (here === null) return;
    this.offerOver();
    this.#here = null;
    this.#world.homes.delete(this.id);
    for (const stop of here.stops) stop();
    for (const root of [...here.roots]) root.detach(asleepSince);
    if (this.channel.hasSeats) this.#search.start(LOOK_AFTER_MS);
  }

  hostSlept(since: string): void {
    if (this.#here === null) return;
    this.#here.asleepSince = since;
    this.#keepFacts();
  }

  hostRevoked(): void {
    if (this.#here === null) return;
    for (const root of this.#here.roots) root.sayRevoked();
    this.#keepFacts();
  }

  hostOffered(rendezvous: RendezvousId, seconds: number): void {
    const here = this.#here;
    if (here === null) return;
    const { rendezvous: book, clock } = this.#world;
    const offered = { channel: this.id, home: here.stamp };
    const open = new OpenOffer(this.#world, rendezvous, offered, {
      take: () => book.take(rendezvous, clock.nowMs()) !== null,
      release: () => book.release(rendezvous),
    });
    const stop = clock.after(seconds * 1_000, () => open.stopListening());
    here.offer = { rendezvous, open, stop };
  }

  offerOver(): void {
    const offer = this.#here?.offer;
    if (this.#here === null || offer == null) return;
    this.#here.offer = null;
    offer.stop();
    offer.open.close();
  }

  search(): Promise<void> | null {
    if (this.#here !== null || this.#trunk !== null || !this.#world.bus.isUp) {
      this.#hear();
      return null;
    }
    if (!this.#search.isRunning) {
      this.#hear();
      this.#search.start();
    }
    return this.#search.outcome;
  }

  emptied(): void {
    this.#search.stop();
    this.#trunk = null;
    this.#unhear?.();
    this.#unhear = null;
    this.#world.places.delete(this);
  }

  // ── for the cluster ──

  announce(): void {
    if (this.#here === null) return;
    this.#world.counts.announced += 1;
    const { bus, subjects } = this.#world;
    bus.publish(subjects.host(this.id), stampBytes(this.#here.stamp));
  }

  /** The bus is back: nobody knows what was said meanwhile. */
  reunite(withinMs: number): void {
    const { clock, random } = this.#world;
    if (this.#here !== null) clock.after(withinMs * random(), () => this.announce());
    else if (this.#trunk === null && this.channel.hasSeats) this.#search.start(withinMs);
  }

  /**
   * This node has lost the others: who is alone here may find the rest at another one. How many were
   * sent there.
   */
  sendAway(code: number, reason: string): number {
    const { channel } = this;
    if (this.#here === null) return channel.sendSeatsAway(code, reason);
    if (channel.hasSeatsHere) return 0;
    channel.sendHostAway(code, reason);
    return 1;
  }

  /** For a guest of the host that is there: false when it is not. */
  reach(home: Stamp): boolean {
    this.#hear();
    this.#heard(home);
    return this.#trunk !== null && isSame(this.#trunk.home, home);
  }

  // ── for roots ──

  holdHost(): () => void {
    return this.channel.holdHost();
  }

  rooted(root: Root): void {
    this.#here?.roots.add(root);
  }

  uprooted(root: Root): void {
    this.#here?.roots.delete(root);
  }

  seatDevice(branch: Branch, device: DeviceId, epoch: number, isNew: boolean): void {
    const { channel } = this;
    if (channel.revocations.holdsFor(device, epoch)) return branch.close(CLOSE_REFUSED, REVOKED);
    if (channel.isFull || (isNew && !channel.connects.tryTake(this.#world.clock.nowMs())))
      return branch.close(CLOSE_BUSY, 'This host has too many connections.');
    channel.seat(branch, { role: 'device', device, epoch }, PAID_ELSEWHERE);
  }

  seatGuest(branch: Branch, node: NodeId): void {
    const offer = this.#here?.offer;
    if (offer?.open.claim(node) !== true) return branch.close(CLOSE_ENDED, 'This offer is over.');
    const { rendezvous } = offer;
    const { channel } = this;
    if (!channel.isFull) return channel.seat(branch, { role: 'guest', rendezvous }, PAID_ELSEWHERE);
    this.#world.rendezvous.release(rendezvous);
    branch.close(CLOSE_BUSY, 'This host has too many connections.');
  }

  // ── for the trunk ──

  fromHost(seat: Seat, frame: Buffer): void {
    this.channel.fromTrunk(seat, frame);
  }

  shut(seat: Seat, code: number, reason: string): void {
    this.channel.shut(seat, code, reason);
  }

  knowsRevoked(devices: readonly DeviceId[], epoch: number): void {
    this.channel.replaceRevoked(devices, epoch);
  }

  ended(trunk: Trunk, asleepSince: string | null): void {
    if (trunk !== this.#trunk) return;
    this.#trunk = null;
    this.channel.trunkEnded(trunk, asleepSince);
    if (this.channel.isWanted) this.#search.start(LOOK_AFTER_MS);
  }

  // ── where the host is ──

  #hear(): void {
    if (this.#unhear !== null) return;
    const { bus, subjects } = this.#world;
    this.#unhear = bus.subscribe(subjects.host(this.id), (payload) => {
      const stamp = readStamp(payload);
      if (stamp !== null) this.#heard(stamp);
    });
    this.#world.places.add(this);
  }

  /** A host is there: by its own node's word, which knows of no newer one. */
  #heard(theirs: Stamp): void {
    const { self, counts } = this.#world;
    if (theirs.node === self) return;
    if (this.#here !== null) {
      // Whoever is the lesser one hears this, and gives way.
      if (!isNewer(theirs, this.#here.stamp)) return this.announce();
      counts.hostsMoved += 1;
      this.channel.sendHostAway(CLOSE_REPLACED, 'The host connected again.');
    }
    const trunk = this.#trunk;
    // Of one node the last word counts, whatever clock the host has.
    if (trunk !== null && trunk.home.node !== theirs.node && !isNewer(theirs, trunk.home)) return;
    if (trunk !== null && isSame(trunk.home, theirs)) return;
    if (this.channel.isWanted) this.#attach(theirs);
  }

  #attach(home: Stamp): void {
    this.#search.stop();
    const trunk = this.#world.trunks.begin(this.id, home, this);
    this.#trunk = trunk;
    this.channel.seatTrunk(trunk);
    trunk.settled();
  }

  async #look(isFirst: boolean): Promise<void> {
    const { bus, subjects, clock, counts, self } = this.#world;
    const beganMs = clock.nowMs();
    counts.seeks += 1;
    const question = stampBytes({ dialledMs: 0, node: self });
    const answer = await bus.ask(subjects.seek(this.id), question, LOOK_LIMIT_MS);
    if (!this.#search.isRunning) return;
    const stamp = answer === null ? null : readStamp(answer);
    if (stamp !== null) {
      counts.found += 1;
      return this.#heard(stamp);
    }
    if (isFirst) await this.#recall(LOOK_LIMIT_MS - (clock.nowMs() - beganMs));
  }

  /** What was written down of a host that is nowhere. */
  async #recall(limitMs: number): Promise<void> {
    if (limitMs <= 0) return;
    const facts = await this.#world.facts.read(this.id, limitMs);
    if (facts === 'unknown' || this.channel.hasHost) return;
    if (facts !== null) this.channel.learnRevoked(facts.revoked, facts.epoch);
    const since = facts?.asleepSince ?? null;
    // Who is here has heard from its node what may not be written down yet.
    if (since !== null || !this.channel.hasSeats) this.channel.learnAsleep(since);
  }

  #keepFacts(): void {
    const here = this.#here;
    if (here === null) return;
    const { devices, epoch } = this.channel.revocations;
    here.revision += 1;
    const { revision, stamp, hasSaid, asleepSince } = here;
    // The clocks of two nodes may be apart: only the host's own puts its lines in order.
    const order = hasSaid ? { order: { dialledMs: stamp.dialledMs, revision } } : {};
    const facts = { v: 1 as const, epoch, revoked: [...devices], asleepSince, ...order };
    this.#world.facts.keep(this.id, facts, () => this.#here === here && here.revision === revision);
  }
}
