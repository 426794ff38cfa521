import { systemClock, type Clock } from '../clock.ts';
import type { Bus } from './bus.ts';
import { nodeIdSchema } from './node-id.ts';
import { PeerLink, type LinkWorld, type PeerCounts } from './peer-link.ts';
import { HEAD_BYTES, kinds, readHead, writeHead, type PacketHead } from './peer-packet.ts';
import type { NodeId, Peers, PeersListener } from './peers.ts';
import type { Subjects } from './subjects.ts';

const HEARTBEAT_MS = 1_000;
/** Heartbeats that a node may owe us, while we have the bus, before it counts as ended. */
const LOST_AFTER_TICKS = 5;
/**
 * While our own bus is away nobody can be heard, so that says nothing of the others. But those who
 * still have it give us up after five seconds; after three times as long that is certain, and all
 * that is left to know is that everything between us is void.
 */
const CUT_OFF_TICKS = 15;
/** Of nodes that were lost, whose late packets are to be known as such. */
const MAX_ENDED = 4_096;
const ENDED_FOR_GOOD = 0xffff_ffff;

/**
 * The first in a turn of the event loop at once, so that a lone message is not late; then once more
 * when the turn ends, for what many clients have said in it.
 */
function inTurn(): (act: () => void) => void {
  let isFirst = true;
  const next = (): void => {
    isFirst = true;
  };
  return (act) => {
    if (!isFirst) return void setImmediate(act);
    isFirst = false;
    queueMicrotask(act);
    setImmediate(next);
  };
}

const nobody: PeersListener = { onMessage() {}, onLost() {} };

export interface PeerLinksOptions {
  readonly self: NodeId;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly clock?: Clock;
  /** Calls back soon, once for all that is said until then. */
  readonly soon?: (act: () => void) => void;
}

/**
 * Reliable links over a bus that may lose, see `peer-packet.ts` for what goes over it. A link begins
 * with the first packet either way, and ends for both sides, or for none.
 */
export class PeerLinks implements Peers, LinkWorld {
  readonly self: NodeId;
  readonly bus: Bus;
  readonly clock: Clock;
  listener: PeersListener = nobody;
  readonly counts: PeerCounts = {
    packetsSent: 0,
    packetsResent: 0,
    packetsHeard: 0,
    messagesSent: 0,
    messagesHeard: 0,
    bytesSent: 0,
    bytesHeard: 0,
    linksLost: 0,
  };
  readonly #subjects: Subjects;
  readonly #soon: (act: () => void) => void;
  readonly #links = new Map<NodeId, PeerLink>();
  /** By node, the highest of its sessions that is over. */
  readonly #ended = new Map<string, number>();
  readonly #toFlush: PeerLink[] = [];
  readonly #ends: (() => void)[];
  #stopTicking: () => void = () => {};
  #lastSession = 0;
  #downTicks = 0;
  #isClosed = false;

  constructor({ self, bus, subjects, clock = systemClock, soon = inTurn() }: PeerLinksOptions) {
    this.self = self;
    this.bus = bus;
    this.clock = clock;
    this.#subjects = subjects;
    this.#soon = soon;
    this.#ends = [
      bus.subscribe(subjects.node(self), (payload) => this.#hear(payload)),
      bus.onState((isUp) => this.#busIs(isUp)),
    ];
    this.#tickLater();
  }

  /** Nodes that a link leads to now. */
  get linked(): number {
    return this.#links.size;
  }

  /** Of all links together. */
  get allUnackedBytes(): number {
    let bytes = 0;
    for (const link of this.#links.values()) bytes += link.unackedBytes;
    return bytes;
  }

  send(to: NodeId, ...parts: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    (this.#links.get(to) ?? this.#begin(to)).send(parts);
  }

  unackedBytes(to: NodeId): number {
    return this.#links.get(to)?.unackedBytes ?? 0;
  }

  onceAcked(to: NodeId, act: () => void): void {
    const link = this.#links.get(to);
    if (link === undefined) act();
    else link.onceAcked(act);
  }

  close(): void {
    if (this.#isClosed) return;
    for (const link of this.#links.values()) {
      link.flush();
      this.#tell(kinds.goodbye, link.node, link.session, link.theirs);
      link.end();
    }
    this.#isClosed = true;
    this.#links.clear();
    this.listener = nobody;
    this.#stopTicking();
    for (const end of this.#ends) end();
  }

  // ── for the links ──

  flushSoon(link: PeerLink): void {
    if (link.isFlushing) return;
    link.isFlushing = true;
    this.#toFlush.push(link);
    if (this.#toFlush.length === 1) this.#soon(this.#flush);
  }

  onMessage(from: NodeId, message: Buffer): void {
    this.listener.onMessage(from, message);
  }

  giveUp(link: PeerLink): void {
    if (this.#links.get(link.node) !== link) return;
    this.#tell(kinds.over, link.node, link.session, link.theirs);
    this.#lose(link);
  }

  readonly #flush = (): void => {
    for (const link of this.#toFlush.splice(0)) {
      link.isFlushing = false;
      link.flush();
    }
  };

  // ── hearing ──

  #hear(payload: Uint8Array): void {
    if (this.#isClosed) return;
    const packet = Buffer.isBuffer(payload)
      ? payload
      : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const head = readHead(packet);
    if (head === null) return;
    if (head.kind === kinds.over) return this.#hearOver(head);
    if (head.kind === kinds.goodbye) return this.#hearGoodbye(head);
    this.#linkOf(head)?.heard(head, packet);
  }

  #hearOver({ from, session, yours }: PacketHead): void {
    this.#remember(from, session);
    const link = this.#find(from);
    if (link === undefined) return;
    const isOurs = yours !== 0 && yours === link.session;
    // A later one of theirs cannot have begun before the one we know was over.
    const isTheirs = link.theirs !== 0 && session >= link.theirs;
    if (isOurs || isTheirs) this.#lose(link);
  }

  #hearGoodbye({ from }: PacketHead): void {
    this.#remember(from, ENDED_FOR_GOOD);
    const link = this.#find(from);
    if (link !== undefined) this.#lose(link);
  }

  /** The link that a packet belongs to, begun where it begins one; null: of one that is over. */
  #linkOf(head: PacketHead): PeerLink | null {
    const { from, session, yours } = head;
    const link = this.#find(from);
    if (session <= (this.#ended.get(from) ?? 0) || session < (link?.theirs ?? 0))
      return this.#refuse(head);
    if (link !== undefined && session === link.theirs && yours === link.session) return link;
    // It speaks to a link of ours that is over; so all it has, or had, with us is.
    if (yours !== 0 && yours !== link?.session) {
      this.#refuse(head);
      this.#remember(from, session);
      if (link !== undefined && link.theirs !== 0) this.giveUp(link);
      return null;
    }
    if (link !== undefined && link.theirs !== 0 && link.theirs !== session) this.#lose(link);
    const node = link?.node ?? nodeIdSchema.safeParse(from).data;
    if (node === undefined || this.#isClosed) return null;
    const bound = this.#links.get(node) ?? this.#begin(node);
    bound.theirs = session;
    return bound;
  }

  #refuse({ from, session }: PacketHead): null {
    const node = nodeIdSchema.safeParse(from).data;
    if (node !== undefined) this.#tell(kinds.over, node, 0, session);
    return null;
  }

  #find(from: string): PeerLink | undefined {
    // What is in the map was parsed when it was put there.
    return this.#links.get(from as NodeId);
  }

  // ── coming and going ──

  #begin(node: NodeId): PeerLink {
    this.#lastSession += 1;
    const link = new PeerLink(this, node, this.#subjects.node(node), this.#lastSession);
    this.#links.set(node, link);
    return link;
  }

  #lose(link: PeerLink): void {
    if (this.#links.get(link.node) !== link) return;
    this.#links.delete(link.node);
    this.#remember(link.node, link.theirs);
    link.end();
    this.counts.linksLost += 1;
    this.listener.onLost(link.node);
  }

  #remember(node: string, session: number): void {
    const known = this.#ended.get(node) ?? 0;
    if (session <= known) return;
    this.#ended.delete(node);
    this.#ended.set(node, session);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  #tell(
    kind: typeof kinds.over | typeof kinds.goodbye,
    node: NodeId,
    session: number,
    yours: number,
  ): void {
    const packet = Buffer.allocUnsafe(HEAD_BYTES);
    writeHead(packet, { kind, from: this.self, session, yours, number: 0, heardUpTo: 0 });
    this.counts.packetsSent += 1;
    this.counts.bytesSent += packet.length;
    this.bus.publish(this.#subjects.node(node), packet);
  }

  // ── time ──

  #busIs(isUp: boolean): void {
    this.#downTicks = 0;
    if (isUp) for (const link of this.#links.values()) link.busIsBack();
  }

  #tickLater(): void {
    this.#stopTicking = this.clock.after(HEARTBEAT_MS, () => {
      this.#tickLater();
      this.#tick();
    });
  }

  /** Ticks are counted rather than time: in one that comes late, we are the ones who were away. */
  #tick(): void {
    if (!this.bus.isUp) {
      this.#downTicks += 1;
      if (this.#downTicks === CUT_OFF_TICKS)
        for (const link of [...this.#links.values()]) this.#lose(link);
      return;
    }
    for (const link of [...this.#links.values()]) {
      link.silentTicks += 1;
      if (link.silentTicks > LOST_AFTER_TICKS) this.giveUp(link);
      else link.heartbeat();
    }
  }
}
