import type { NodeId, Peers } from './peers.ts';

/** First byte of what one node sends to another: who there it is for. */
export const KIND = {
  /** From a device to the home of its host, see `trunk.ts`. */
  cargoUp: 1,
  /** From the home of a host to a device. */
  cargoDown: 2,
  /** How much of `cargoUp` has been taken. */
  credit: 3,
  /** JSON, from a trunk to its root, see `trunk-words.ts`. */
  trunkWord: 4,
  /** JSON, from a root to its trunk. */
  rootWord: 5,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Bytes as `Peers` hands them over, the kind in front; the listener's to keep and to write over. */
export type PeerHeard = (from: NodeId, message: Buffer) => void;

/** One link between two nodes carries what several parts of them say to each other. */
export class Exchange {
  readonly peers: Peers;
  readonly #heard = new Map<number, PeerHeard>();
  readonly #lost = new Set<(node: NodeId) => void>();

  /** Takes the place of the listener of `peers`. */
  constructor(peers: Peers) {
    this.peers = peers;
    peers.listener = {
      // A newer node may say what we have no word for.
      onMessage: (from, message) => this.#heard.get(message[0] ?? 0)?.(from, message),
      onLost: (node) => {
        for (const lost of [...this.#lost]) lost(node);
      },
    };
  }

  /** One listener a kind; must not throw. */
  on(kind: Kind, heard: PeerHeard): void {
    this.#heard.set(kind, heard);
  }

  /** All that was between us and this node is void. */
  onLost(lost: (node: NodeId) => void): void {
    this.#lost.add(lost);
  }
}
