/**
 * What joins the nodes of a relay: subjects that anybody may publish on and hear, as NATS has them.
 * At most once: what is published while the bus is down, or to nobody, is gone. What one node
 * publishes on one subject arrives in its order. Nothing here waits for a disk.
 *
 * All ways pass `tests/contracts/bus.ts`.
 */
export interface Bus {
  /** Whether what is published now can arrive anywhere else. */
  readonly isUp: boolean;
  /** Told at each change of `isUp`; calling what it returns ends that. */
  onState(changed: (isUp: boolean) => void): () => void;
  /** Bytes published that have not left this process; who sees them grow sends less. */
  readonly unsentBytes: number;
  /**
   * Never throws; at most `MAX_BUS_BYTES`. The payload is not to be changed afterwards, by neither
   * side: it may be published again.
   */
  publish(subject: string, payload: Uint8Array): void;
  /** The same for less, of one that `withRoom` has made: what is around it the bus may write over. */
  publishWithRoom(subject: string, payload: Buffer): void;
  /** The payload is the listener's to keep. A listener must not throw. */
  subscribe(subject: string, heard: (payload: Uint8Array, asked: Reply | null) => void): () => void;
  /**
   * One answer of whoever hears the subject. null: nobody does, or nobody answered in time. Who has
   * only just begun to hear may be missed: ask again where that matters.
   */
  ask(subject: string, payload: Uint8Array, limitMs: number): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Answers who asked; later calls do nothing. */
export type Reply = (payload: Uint8Array) => void;

/** Below what a NATS server takes unless told otherwise (1 MiB), with room for a head. */
export const MAX_BUS_BYTES = 1024 * 1024 - 1024;
