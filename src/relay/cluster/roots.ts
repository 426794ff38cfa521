import type { ChannelId, DeviceId } from '../../protocol/relay.ts';
import { Branch, type BranchWay } from './branch.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import { KIND, type Exchange } from './exchange.ts';
import { CONGESTED_BYTES, type NodeId, type Peers } from './peers.ts';
import {
  CARGO_HEAD_BYTES,
  creditBytes,
  readWord,
  trunkWordSchema,
  wordBytes,
  type RootWord,
  type TrunkWord,
} from './trunk-words.ts';

const CARGO_DOWN = Buffer.from([KIND.cargoDown]);

/** A channel whose host is here, as trunks from other nodes find it. */
export interface Home {
  /** Whom its host has revoked. */
  readonly revoked: { readonly devices: Iterable<DeviceId>; readonly epoch: number };
  seatDevice(branch: Branch, device: DeviceId, epoch: number, isNew: boolean): void;
  /** Of this node, which was given the offer. */
  seatGuest(branch: Branch, node: NodeId): void;
  /** Its host is read no more until what is returned is called. */
  holdHost(): () => void;
  rooted(root: Root): void;
  uprooted(root: Root): void;
}

/** Where homes are found; null when the host that dialled then is not here. */
export interface Homes {
  at(channel: ChannelId, dialledMs: number): Home | null;
}

/** All roots of this node: of hosts that are here, for devices at other nodes. */
export class Roots {
  readonly #peers: Peers;
  readonly #homes: Homes;
  readonly #counts: ClusterCounts;
  readonly #nodes = new Map<NodeId, RootsOfNode>();

  constructor(exchange: Exchange, homes: Homes, counts: ClusterCounts) {
    this.#peers = exchange.peers;
    this.#homes = homes;
    this.#counts = counts;
    exchange.on(KIND.cargoUp, (from, message) => this.#onCargo(from, message));
    exchange.on(KIND.trunkWord, (from, message) => {
      const word = readWord(trunkWordSchema, message);
      if (word !== null) this.#onWord(from, word);
    });
  }

  /** Devices at other nodes. */
  get branches(): number {
    let sum = 0;
    for (const node of this.#nodes.values()) sum += node.branches.size;
    return sum;
  }

  lost(node: NodeId): void {
    const roots = this.#nodes.get(node);
    if (roots === undefined) return;
    this.#nodes.delete(node);
    for (const root of [...roots.roots.values()]) root.uproot();
  }

  #onCargo(from: NodeId, message: Buffer): void {
    if (message.length < CARGO_HEAD_BYTES) return;
    const branch = this.#nodes.get(from)?.branches.get(message.readUInt32BE(1));
    // The host's node has closed it while the frame was on its way.
    if (branch === undefined) return;
    this.#counts.framesIn += 1;
    this.#counts.cargoBytesIn += message.length - CARGO_HEAD_BYTES;
    branch.received(message.subarray(CARGO_HEAD_BYTES));
  }

  #onWord(from: NodeId, word: TrunkWord): void {
    if (word.type === 'attach') return this.#attach(from, word);
    const node = this.#nodes.get(from);
    if (node === undefined) return;
    switch (word.type) {
      case 'detach':
        return node.roots.get(word.trunk)?.uproot();
      case 'left':
        return node.branches.get(word.number)?.left();
      // Not there when the host went while they were on their way.
      case 'device':
        return node.roots.get(word.trunk)?.seatDevice(word);
      case 'guest':
        return node.roots.get(word.trunk)?.seatGuest(word.number);
    }
  }

  #attach(from: NodeId, word: Extract<TrunkWord, { type: 'attach' }>): void {
    const home = this.#homes.at(word.channel, word.dialledMs);
    const node = this.#nodes.get(from) ?? new RootsOfNode(from, this.#peers, this.#counts);
    this.#nodes.set(from, node);
    const { trunk } = word;
    if (home === null) return node.say({ type: 'detached', trunk, asleepSince: null });
    new Root(trunk, home, node).begin();
  }
}

/** One trunk's end at the home of the host. */
export class Root {
  readonly home: Home;
  readonly #trunk: number;
  readonly #node: RootsOfNode;
  readonly #branches = new Set<Branch>();
  #letGo: (() => void) | null = null;

  constructor(trunk: number, home: Home, node: RootsOfNode) {
    this.#trunk = trunk;
    this.home = home;
    this.#node = node;
  }

  begin(): void {
    this.#node.roots.get(this.#trunk)?.uproot();
    this.#node.roots.set(this.#trunk, this);
    this.home.rooted(this);
    // Also that nobody is: the other node may remember what its host has taken back.
    this.sayRevoked();
  }

  sayRevoked(): void {
    const { devices, epoch } = this.home.revoked;
    this.#node.say({ type: 'revoked', trunk: this.#trunk, revoked: [...devices], epoch });
  }

  /** The host is gone. */
  detach(asleepSince: string | null): void {
    this.#node.say({ type: 'detached', trunk: this.#trunk, asleepSince });
    this.uproot();
  }

  uproot(): void {
    if (!this.#node.roots.delete(this.#trunk)) return;
    this.home.uprooted(this);
    this.#goOn();
    for (const branch of [...this.#branches]) branch.left();
  }

  seatDevice({ number, device, epoch, isNew }: Extract<TrunkWord, { type: 'device' }>): void {
    this.home.seatDevice(this.#grow(number), device, epoch, isNew);
  }

  seatGuest(number: number): void {
    this.home.seatGuest(this.#grow(number), this.#node.id);
  }

  /** After cargo of the host: one that sends faster than the link takes it waits. */
  sent(): void {
    if (!this.#node.isCongested || this.#letGo !== null) return;
    this.#letGo = this.home.holdHost();
    this.#node.onceAcked(() => this.#goOn());
  }

  #goOn(): void {
    this.#letGo?.();
    this.#letGo = null;
  }

  #grow(number: number): Branch {
    this.#node.branches.get(number)?.left();
    const branch: Branch = new Branch(number, this.#node, {
      sent: () => this.sent(),
      fallen: () => {
        this.#branches.delete(branch);
        this.#node.branches.delete(number);
      },
    });
    this.#branches.add(branch);
    this.#node.branches.set(number, branch);
    return branch;
  }
}

/** What there is of one other node; its link carries it all. */
class RootsOfNode implements BranchWay {
  readonly id: NodeId;
  readonly roots = new Map<number, Root>();
  readonly branches = new Map<number, Branch>();
  round = 0;
  #isRoundRunning = false;
  readonly #peers: Peers;
  readonly #counts: ClusterCounts;

  constructor(id: NodeId, peers: Peers, counts: ClusterCounts) {
    this.id = id;
    this.#peers = peers;
    this.#counts = counts;
  }

  get unacked(): number {
    return this.#peers.unackedBytes(this.id);
  }

  get isCongested(): boolean {
    return this.unacked > CONGESTED_BYTES;
  }

  say(word: RootWord): void {
    this.#peers.send(this.id, wordBytes(KIND.rootWord, word));
  }

  sendCargo(number: number, frame: Buffer): void {
    // The room of the slot's number is ours to write over.
    frame.writeUInt32BE(number);
    this.#counts.framesOut += 1;
    this.#counts.cargoBytesOut += frame.length;
    this.#peers.send(this.id, CARGO_DOWN, frame);
    if (this.#isRoundRunning) return;
    this.#isRoundRunning = true;
    this.#peers.onceAcked(this.id, () => {
      this.#isRoundRunning = false;
      this.round += 1;
    });
  }

  credit(number: number, bytes: number): void {
    this.#peers.send(this.id, creditBytes(KIND.credit, number, bytes));
  }

  close(branch: Branch, code: number, reason: string): void {
    this.say({ type: 'close', number: branch.number, code, reason: reason.slice(0, 100) });
  }

  onceAcked(act: () => void): void {
    this.#peers.onceAcked(this.id, act);
  }
}
