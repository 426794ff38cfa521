import { CLOSE_MOVE, type ChannelId, type RendezvousId } from '../../protocol/relay.ts';
import type { Channel } from '../channel.ts';
import type { Clock } from '../clock.ts';
import { clusterFamilies, wayFamilies } from '../metrics/cluster-families.ts';
import type { Family } from '../metrics/exposition.ts';
import type { OfferElsewhere, Place } from '../place.ts';
import type { RendezvousBook } from '../rendezvous.ts';
import type { Bus } from './bus.ts';
import { ClusterCounts } from './cluster-counts.ts';
import { ClusterPlace, type PlaceWorld } from './cluster-place.ts';
import { Exchange } from './exchange.ts';
import { FactDesk } from './fact-desk.ts';
import type { FactStore } from './fact-store.ts';
import { takeOffer } from './offers.ts';
import type { NodeId, Peers } from './peers.ts';
import { Roots } from './roots.ts';
import type { Subjects } from './subjects.ts';
import { Trunks } from './trunks.ts';

/**
 * Each host is announced anew within this many seconds: after a partition of the bus that no node
 * could see, that is what brings two halves of a channel together.
 */
const ANNOUNCE_ROUND_SEC = 60;
/** Without the bus for so long a node is cut off. */
const CUT_OFF_MS = 10_000;
const SPREAD_MS = 2_000;
/** All look for their hosts at once when a node has ended, or the bus is back. */
const REUNITE_WITHIN_MS = 250;

/** What a relay needs to be one node of many. */
export interface ClusterParts {
  readonly bus: Bus;
  readonly peers: Peers;
  readonly subjects: Subjects;
  readonly facts: FactStore;
  /** Milliseconds since 1970, by this node's clock. */
  wallMs(): number;
  /** Why the bus is down, in words; null where that is not known. */
  problem(): string | null;
  /** What is counted below, for the operator. */
  families(): readonly Family[];
  /** Of the bus and what is below, after all that uses it. */
  close(): Promise<void>;
}

export interface ClusterNeeds {
  readonly clock: Clock;
  readonly rendezvous: RendezvousBook;
  readonly random: () => number;
}

/** This node among the others: where hosts are, and the ways to them. */
export class Cluster {
  readonly counts = new ClusterCounts();
  /** For what else nodes have to say to each other. */
  readonly exchange: Exchange;
  readonly #parts: ClusterParts;
  readonly #clock: Clock;
  readonly #world: PlaceWorld;
  readonly #trunks: Trunks;
  readonly #roots: Roots;
  readonly #unhear: () => void;
  /** null: it is there. */
  #downSinceMs: number | null;
  #hasBeenUp: boolean;
  #hasSentAway = false;

  constructor(parts: ClusterParts, { clock, rendezvous, random }: ClusterNeeds) {
    const { bus, peers, subjects, facts } = parts;
    const { counts } = this;
    this.#parts = parts;
    this.#clock = clock;
    this.exchange = new Exchange(peers);
    this.#trunks = new Trunks(this.exchange, counts);
    this.#roots = new Roots(this.exchange, { at: (id, ms) => this.#homeAt(id, ms) }, counts);
    this.exchange.onLost((node) => this.#lost(node));
    this.#world = {
      ...{ bus, subjects, clock, random, counts, rendezvous },
      wallMs: () => parts.wallMs(),
      self: peers.self,
      trunks: this.#trunks,
      facts: new FactDesk(facts, clock, random),
      places: new Set(),
      homes: new Map(),
    };
    this.#downSinceMs = bus.isUp ? null : clock.nowMs();
    this.#hasBeenUp = bus.isUp;
    this.#unhear = bus.onState((isUp) => this.#busIs(isUp));
  }

  readonly placeOf = (id: ChannelId, channel: Channel): Place =>
    new ClusterPlace(id, channel, this.#world);

  readonly takeOffer = async (rendezvous: RendezvousId): Promise<OfferElsewhere | null> => {
    const offered = await takeOffer(this.#world, rendezvous);
    if (offered === null) this.counts.guestsRefused += 1;
    else this.counts.guestsTaken += 1;
    if (offered === null) return null;
    const { channel: id, home } = offered;
    return { channel: id, reach: (channel) => this.#placeOf(id, channel)?.reach(home) === true };
  };

  /** Why no new connection is wanted here; null: all is well. */
  trouble(): string | null {
    if (this.#downSinceMs === null) return null;
    if (this.#hasBeenUp && !this.#isCutOff) return null;
    return this.#parts.problem() ?? 'The other nodes cannot be reached.';
  }

  /** What this node counts, for the operator. */
  families(): Family[] {
    const now = {
      hosts: this.#world.homes.size,
      trunks: this.#trunks.count,
      branches: this.#roots.branches,
    };
    return [...clusterFamilies(this.counts), ...wayFamilies(now), ...this.#parts.families()];
  }

  /** To be called every second. */
  tick(): void {
    this.#announceSome();
    if (!this.#isCutOff || this.#hasSentAway) return;
    this.#hasSentAway = true;
    this.#sendAway();
  }

  /** Says goodbye to the other nodes. */
  async close(limitMs: number): Promise<void> {
    const { peers, facts } = this.#parts;
    this.#unhear();
    peers.close();
    await facts.close(limitMs);
    await this.#parts.close();
  }

  get #isCutOff(): boolean {
    return this.#downSinceMs !== null && this.#clock.nowMs() - this.#downSinceMs >= CUT_OFF_MS;
  }

  #placeOf(id: ChannelId, channel: Channel): ClusterPlace | undefined {
    return channel.place instanceof ClusterPlace && channel.place.id === id
      ? channel.place
      : undefined;
  }

  #homeAt(id: ChannelId, dialledMs: number): ClusterPlace | null {
    const place = this.#world.homes.get(id);
    return place?.stamp?.dialledMs === dialledMs ? place : null;
  }

  #lost(node: NodeId): void {
    this.counts.nodesLost += 1;
    this.#roots.lost(node);
    this.#trunks.lost(node);
  }

  #busIs(isUp: boolean): void {
    if (!isUp) {
      this.#downSinceMs ??= this.#clock.nowMs();
      return;
    }
    this.#downSinceMs = null;
    this.#hasBeenUp = true;
    this.#hasSentAway = false;
    for (const place of this.#world.places) place.reunite(REUNITE_WITHIN_MS);
  }

  #announceSome(): void {
    const { homes } = this.#world;
    if (!this.#parts.bus.isUp) return;
    let rest = Math.ceil(homes.size / ANNOUNCE_ROUND_SEC);
    for (const [id, place] of homes) {
      if (rest <= 0) return;
      rest -= 1;
      // To the end of the row.
      homes.delete(id);
      homes.set(id, place);
      place.announce();
    }
  }

  #sendAway(): void {
    const { places, random } = this.#world;
    for (const place of places)
      this.#clock.after(SPREAD_MS * random(), () => {
        // Once for each time that the bus is away: who comes back has found no better node.
        if (!this.#isCutOff || !places.has(place)) return;
        this.counts.sentAway += place.sendAway(CLOSE_MOVE, 'This node has lost the others.');
      });
  }
}
