import type { z } from 'zod';
import type { nodeIdSchema } from './node-id.ts';

export type NodeId = z.infer<typeof nodeIdSchema>;

/**
 * Messages between nodes, in order and each once, over a bus that may lose some: what was not
 * acknowledged is sent again when the bus is back. Either all arrives, or both sides hear `lost`.
 */
export interface Peers {
  /** This process: random, new at every start. */
  readonly self: NodeId;
  /**
   * Never waits; the message is not to be changed afterwards. The first one begins the link.
   * `parts` go out as one message, without being copied together where that can be.
   */
  send(to: NodeId, ...parts: readonly Uint8Array[]): void;
  /** Bytes sent to a node that it has not acknowledged. Above `MAX_UNACKED_BYTES` the link is given up. */
  unackedBytes(to: NodeId): number;
  /** Calls back once, when all that is unacknowledged now has been; never when the link is lost before. */
  onceAcked(to: NodeId, act: () => void): void;
  /** One listener, set before anything is sent. */
  listener: PeersListener;
  /** Says goodbye to all: they hear `lost` at once. */
  close(): void;
}

export interface PeersListener {
  /** The bytes are the listener's; they may be written over. */
  onMessage(from: NodeId, message: Buffer): void;
  /**
   * The link is over: the node has ended, was not heard for too long, or too much was left
   * unacknowledged. All that was between the two is void, on both sides; a later message begins anew.
   */
  onLost(node: NodeId): void;
}

export const MAX_UNACKED_BYTES = 32 * 1024 * 1024;
/** With this much on its way to a node whoever sends more there is read no more until it has arrived. */
export const CONGESTED_BYTES = MAX_UNACKED_BYTES / 4;
