import { assertNever } from '../../base/assert-never.ts';
import type { Clock } from '../clock.ts';
import type { Bus } from './bus.ts';
import { PeerIncoming } from './peer-incoming.ts';
import { PeerOutgoing } from './peer-outgoing.ts';
import { HEAD_BYTES, kinds, writeHead, type Kind, type PacketHead } from './peer-packet.ts';
import { MAX_UNACKED_BYTES, type NodeId } from './peers.ts';
import { withRoom } from './room.ts';

/** Whatever goes back takes an acknowledgement with it; one goes by itself only after so long, or so much. */
const ACK_DELAY_MS = 5;
const ACK_EVERY_PACKETS = 32;
const ACK_EVERY_BYTES = 128 * 1024;
/** How often it is looked whether what is on the way gets any further; the second time, the other is asked. */
const NUDGE_MS = 100;
const MAX_NUDGES_BETWEEN = 10;
/** The same is not asked for again, nor sent again, sooner: both are on the way. */
const AGAIN_MS = 50;
/** With this much still in this process, the bus is given no more. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const UNSENT_RETRY_MS = 5;

export interface PeerCounts {
  packetsSent: number;
  packetsResent: number;
  packetsHeard: number;
  messagesSent: number;
  messagesHeard: number;
  bytesSent: number;
  bytesHeard: number;
  linksLost: number;
}

export interface LinkWorld {
  readonly self: NodeId;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly counts: PeerCounts;
  /** Calls the link's `flush` when what runs now has run. */
  flushSoon(link: PeerLink): void;
  onMessage(from: NodeId, message: Buffer): void;
  /** To be given up; the other side is told. */
  giveUp(link: PeerLink): void;
}

/** One link to one other node: from its first packet until it is lost. */
export class PeerLink {
  readonly node: NodeId;
  readonly session: number;
  /** The other's number of this link; 0 until it has been heard. */
  theirs = 0;
  /** Rounds of the heartbeat since it was last heard. */
  silentTicks = 0;
  /** By `PeerLinks`: its turn to flush has been asked for. */
  isFlushing = false;
  /** Too much is unacknowledged: what is sent from now on is void with the rest. */
  isDoomed = false;
  readonly #world: LinkWorld;
  readonly #subject: string;
  readonly #out = new PeerOutgoing();
  readonly #in: PeerIncoming;
  #isOver = false;
  /** Was anything said since the last heartbeat? */
  #hasSpoken = false;
  #owedPackets = 0;
  #owedBytes = 0;
  #mustAck = false;
  #isAckTimed = false;
  /** Since the timer began. */
  #hasAcked = false;
  #isNudging = false;
  #nudges = 0;
  #nudgeAt = 2;
  #nudgedFrom = 0;
  #missed = { after: -1, atMs: 0 };
  #rewound = { after: -1, atMs: 0 };

  constructor(world: LinkWorld, node: NodeId, subject: string, session: number) {
    this.#world = world;
    this.node = node;
    this.#subject = subject;
    this.session = session;
    this.#in = new PeerIncoming((message) => {
      world.counts.messagesHeard += 1;
      world.onMessage(node, message);
    });
  }

  get unackedBytes(): number {
    return this.#out.unackedBytes;
  }

  onceAcked(act: () => void): void {
    this.#out.onceAcked(act);
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.isDoomed) return;
    this.#world.counts.messagesSent += 1;
    this.#out.give(parts);
    if (this.#out.unackedBytes > MAX_UNACKED_BYTES) {
      // Whoever sends is in the midst of something: it hears of it when that has run.
      this.isDoomed = true;
      this.#out.drop();
    }
    this.#world.flushSoon(this);
  }

  /** Of this link, and not `over` or `goodbye`. */
  heard(head: PacketHead, packet: Buffer): void {
    this.silentTicks = 0;
    this.#world.counts.packetsHeard += 1;
    this.#world.counts.bytesHeard += packet.length;
    if (!this.#out.acked(head.heardUpTo)) return this.#world.giveUp(this);
    // Who was waiting for that may have ended it all.
    if (this.#isOver) return;
    if (this.#out.mayGoOn) this.#world.flushSoon(this);
    switch (head.kind) {
      case kinds.messages:
        return this.#take(head.number, packet);
      case kinds.word:
      case kinds.ask:
      case kinds.missing:
        if (head.kind === kinds.missing) this.#sendAgain(head.heardUpTo);
        if (head.number > this.#in.heardUpTo) this.#askForMissing();
        else if (head.kind === kinds.ask) this.#say(kinds.word);
        return;
      case kinds.over:
      case kinds.goodbye:
        return;
      default:
        return assertNever(head.kind, 'kind of packet');
    }
  }

  /** Publishes what may go, and what the other has to hear. */
  flush(): void {
    const { bus, clock } = this.#world;
    if (this.#isOver) return;
    if (this.isDoomed) return this.#world.giveUp(this);
    if (!bus.isUp) return;
    let room = MAX_UNSENT_BYTES - bus.unsentBytes;
    while (room > 0) {
      const packed = this.#out.next();
      if (packed === null) break;
      if (packed.isNew) this.#head(packed.packet, kinds.messages, packed.number);
      else this.#world.counts.packetsResent += 1;
      this.#publish(packed.packet);
      room -= packed.packet.length;
    }
    if (room <= 0) clock.after(UNSENT_RETRY_MS, () => this.#world.flushSoon(this));
    if (this.#mustAck) this.#say(kinds.word);
    if (this.#out.hasUnacked) this.#nudgeLater();
  }

  /** The bus was away: something may be lost either way. */
  busIsBack(): void {
    this.silentTicks = 0;
    this.#out.rewind();
    this.#say(kinds.missing);
    this.flush();
  }

  /** Says that we are here where nothing else has said so. */
  heartbeat(): void {
    if (!this.#hasSpoken) this.#say(kinds.word);
    this.#hasSpoken = false;
  }

  end(): void {
    this.#isOver = true;
    this.#out.drop();
    this.#in.end();
  }

  // ── hearing ──

  #take(number: number, packet: Buffer): void {
    switch (this.#in.take(number, packet)) {
      case 'taken':
      case 'known':
        return this.#oweAck(packet.length);
      case 'early':
        return this.#askForMissing();
      case 'broken':
        return this.#world.giveUp(this);
    }
  }

  #oweAck(bytes: number): void {
    if (this.#isOver) return;
    this.#owedPackets += 1;
    this.#owedBytes += bytes;
    if (this.#owedPackets >= ACK_EVERY_PACKETS || this.#owedBytes >= ACK_EVERY_BYTES) {
      this.#mustAck = true;
      this.#world.flushSoon(this);
      return;
    }
    if (!this.#isAckTimed) this.#ackLater();
  }

  #ackLater(): void {
    this.#isAckTimed = true;
    this.#hasAcked = false;
    this.#world.clock.after(ACK_DELAY_MS, () => {
      this.#isAckTimed = false;
      if (this.#owedPackets === 0) return;
      // What is owed now came later than this timer began: something else may take it along still.
      if (this.#hasAcked) this.#ackLater();
      else this.#say(kinds.word);
    });
  }

  #askForMissing(): void {
    const after = this.#in.heardUpTo;
    const atMs = this.#world.clock.nowMs();
    if (this.#missed.after === after && atMs < this.#missed.atMs + AGAIN_MS) return;
    this.#missed = { after, atMs };
    this.#say(kinds.missing);
  }

  #sendAgain(after: number): void {
    const atMs = this.#world.clock.nowMs();
    if (this.#rewound.after === after && atMs < this.#rewound.atMs + AGAIN_MS) return;
    this.#rewound = { after, atMs };
    this.#out.rewind();
    this.#world.flushSoon(this);
  }

  // ── saying ──

  #say(kind: Kind): void {
    if (this.#isOver) return;
    const packet = withRoom(HEAD_BYTES);
    this.#head(packet, kind, this.#out.lastNumber);
    this.#publish(packet);
  }

  #head(packet: Buffer, kind: Kind, number: number): void {
    writeHead(packet, {
      kind,
      from: this.#world.self,
      session: this.session,
      yours: this.theirs,
      number,
      heardUpTo: this.#in.heardUpTo,
    });
    this.#owedPackets = 0;
    this.#owedBytes = 0;
    this.#mustAck = false;
    this.#hasAcked = true;
  }

  #publish(packet: Buffer): void {
    this.#hasSpoken = true;
    this.#world.counts.packetsSent += 1;
    this.#world.counts.bytesSent += packet.length;
    this.#world.bus.publishWithRoom(this.#subject, packet);
  }

  /** The last of a row may be lost, and then nothing that follows shows it: so the other is asked. */
  #nudgeLater(): void {
    if (this.#isNudging) return;
    this.#isNudging = true;
    this.#world.clock.after(NUDGE_MS, () => {
      this.#isNudging = false;
      if (this.#isOver) return;
      if (!this.#out.hasUnacked || this.#out.ackedUpTo !== this.#nudgedFrom) {
        this.#nudgedFrom = this.#out.ackedUpTo;
        this.#nudges = 0;
        this.#nudgeAt = 2;
      }
      if (!this.#out.hasUnacked) return;
      this.#nudges += 1;
      if (this.#nudges >= this.#nudgeAt) {
        this.#nudges = 0;
        this.#nudgeAt = Math.min(2 * this.#nudgeAt, MAX_NUDGES_BETWEEN);
        if (this.#world.bus.isUp) this.#say(kinds.ask);
      }
      this.#nudgeLater();
    });
  }
}
