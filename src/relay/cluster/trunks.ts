import { type ChannelId } from '../../protocol/relay.ts';
import type { Seat } from '../seat.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import { KIND, type Exchange } from './exchange.ts';
import { CONGESTED_BYTES, type NodeId, type Peers } from './peers.ts';
import type { Stamp } from './stamp.ts';
import {
  CARGO_HEAD_BYTES,
  numbered,
  readCredit,
  readWord,
  rootWordSchema,
  wordBytes,
  type RootWord,
  type TrunkWord,
} from './trunk-words.ts';
import { Trunk, type TrunkEnd, type TrunkWay } from './trunk.ts';
import { Twig } from './twig.ts';

/** All trunks of this node: to hosts at other nodes, for devices that are here. */
export class Trunks implements TrunkWay {
  readonly #peers: Peers;
  readonly #counts: ClusterCounts;
  readonly #trunks = new Map<number, Trunk>();
  readonly #twigs = new Map<number, Twig>();
  #lastNumber = 0;

  constructor(exchange: Exchange, counts: ClusterCounts) {
    this.#peers = exchange.peers;
    this.#counts = counts;
    exchange.on(KIND.cargoDown, (from, message) => this.#onCargo(from, message));
    exchange.on(KIND.credit, (from, message) => this.#onCredit(from, message));
    exchange.on(KIND.rootWord, (from, message) => {
      const word = readWord(rootWordSchema, message);
      if (word !== null) this.#onWord(from, word);
    });
  }

  get count(): number {
    return this.#trunks.size;
  }

  begin(channel: ChannelId, home: Stamp, end: TrunkEnd): Trunk {
    const trunk = new Trunk(this.#newNumber(), home, end, this);
    this.#trunks.set(trunk.id, trunk);
    trunk.attach(channel);
    return trunk;
  }

  /** What was between us and this node is void. */
  lost(node: NodeId): void {
    for (const trunk of [...this.#trunks.values()])
      if (trunk.home.node === node) trunk.detached(null);
  }

  // ── for trunks ──

  grow(trunk: Trunk, seat: Seat): Twig {
    const twig = new Twig(trunk, seat, this.#newNumber());
    this.#twigs.set(twig.number, twig);
    return twig;
  }

  cut(twig: Twig): void {
    this.#twigs.delete(twig.number);
  }

  say({ home }: Trunk, word: TrunkWord): void {
    this.#peers.send(home.node, wordBytes(KIND.trunkWord, word));
  }

  sendCargo(twig: Twig, cargo: Buffer): void {
    this.#counts.framesOut += 1;
    this.#counts.cargoBytesOut += cargo.length;
    const { node } = twig.trunk.home;
    this.#peers.send(node, numbered(KIND.cargoUp, twig.number), cargo);
    twig.sent(cargo.length);
    if (this.#peers.unackedBytes(node) > CONGESTED_BYTES)
      twig.hold((act) => this.#peers.onceAcked(node, act));
  }

  ended(trunk: Trunk): void {
    this.#trunks.delete(trunk.id);
  }

  // ── from roots ──

  #onCargo(from: NodeId, message: Buffer): void {
    if (message.length < CARGO_HEAD_BYTES) return;
    const twig = this.#twigOf(from, message.readUInt32BE(1));
    // It left while the frame was on its way.
    if (twig === undefined) return;
    this.#counts.framesIn += 1;
    this.#counts.cargoBytesIn += message.length - CARGO_HEAD_BYTES;
    // The number in front is the line's to write over, as a slot's is.
    twig.trunk.end.fromHost(twig.seat, message.subarray(1));
  }

  #onCredit(from: NodeId, message: Buffer): void {
    const credit = readCredit(message);
    if (credit !== null) this.#twigOf(from, credit.number)?.taken(credit.bytes);
  }

  #onWord(from: NodeId, word: RootWord): void {
    if (word.type === 'close') {
      const twig = this.#twigOf(from, word.number);
      return twig?.trunk.shut(twig, word.code, word.reason);
    }
    const trunk = this.#trunks.get(word.trunk);
    if (trunk === undefined || trunk.home.node !== from) return;
    if (word.type === 'revoked') trunk.end.knowsRevoked(word.revoked, word.epoch);
    else trunk.detached(word.asleepSince);
  }

  #twigOf(from: NodeId, number: number): Twig | undefined {
    const twig = this.#twigs.get(number);
    return twig?.trunk.home.node === from ? twig : undefined;
  }

  #newNumber(): number {
    // At ten thousand a second this lasts for five days; so it goes round, past those in use.
    do this.#lastNumber = (this.#lastNumber + 1) >>> 0;
    while (this.#twigs.has(this.#lastNumber) || this.#trunks.has(this.#lastNumber));
    return this.#lastNumber;
  }
}
