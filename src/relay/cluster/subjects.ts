import { createHash } from 'node:crypto';
import type { ChannelId, RendezvousId } from '../../protocol/relay.ts';
import type { NodeId } from './peers.ts';

/**
 * Every subject of one cluster, below a prefix of the operator's: several clusters may share one NATS.
 * Ids in them are random, or hashes; an offer's id lets a guest in, so only its hash is ever said.
 */
export class Subjects {
  readonly #prefix: string;

  /** `prefix`: a token of a NATS subject, `[\w-]+`. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Heard by one node: packets of its peers, see `peers.ts`. */
  node(id: NodeId): string {
    return `${this.#prefix}.node.${id}`;
  }

  /** Heard by the node where the host is, which answers where somebody looks for it. */
  seek(channel: ChannelId): string {
    return `${this.#prefix}.seek.${channel}`;
  }

  /** Heard by each node where somebody of the channel is: its host came to a node, or went. */
  host(channel: ChannelId): string {
    return `${this.#prefix}.host.${channel}`;
  }

  /** Heard by the node whose host opened this offer, for as long as it is open. */
  offer(rendezvous: RendezvousId): string {
    const hash = createHash('sha256').update(rendezvous).digest().subarray(0, 16);
    return `${this.#prefix}.offer.${hash.toString('base64url')}`;
  }

  /** Heard by one node: its own word to itself, to see how long it takes. */
  hop(id: NodeId): string {
    return `${this.#prefix}.hop.${id}`;
  }

  /** Heard by the node that keeps the notes: what the others tell it, see `notes/note-words.ts`. */
  get notes(): string {
    return `${this.#prefix}.notes`;
  }

  /** Streams and buckets have names of their own. */
  get stored(): string {
    return this.#prefix;
  }
}
