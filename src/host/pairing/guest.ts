import type { RendezvousId } from '../../protocol/relay.ts';
import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import type { DhKeyPair } from '../../crypto/primitives.ts';

/** A guest after the handshake: it knew the offer's secret. Whether it is live only `here` tells. */
export interface SealedGuest {
  /** The device's static X25519 key, 32 bytes. */
  readonly deviceKey: Uint8Array;
  /** Payload of message 1. */
  readonly hello: Uint8Array;
  /** What both screens show. */
  readonly digits: string;
  /** The key that both keep from now on; the caller wipes it. */
  rootPsk(): Uint8Array;
  /** Called once; nothing is delivered before. */
  start(on: { message(text: string): void; close(reason: string): void }): void;
  send(text: string): void;
  /** Sends what was given before, then ends it and wipes its keys. */
  close(reason: string): void;
}

export interface SealGiven {
  readonly own: DhKeyPair;
  readonly rendezvous: RendezvousId;
  /** Of the offer; copied. */
  readonly secret: Uint8Array;
  /** Payload of message 2. */
  readonly welcome: Uint8Array;
}

/**
 * The host's half of the handshake (Noise IKpsk1, responder). Rejects within a deadline when
 * message 1 does not open, and with {@link GuestGone} when there was none; the pipe is the caller's to close.
 */
export type SealGuest = (pipe: FramePipe, given: SealGiven) => Promise<SealedGuest>;

/** The guest left, or stayed silent, before it had said anything that could be checked. */
export class GuestGone extends Error {
  override name = 'GuestGone';
}
