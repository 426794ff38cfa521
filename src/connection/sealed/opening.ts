import type { FinishedHandshake, Handshake } from '../../crypto/noise/handshake.ts';

/** Where an opening gets the texts that wait to be sent. */
export interface EarlyTexts {
  /** The first ones, in order, that fit together. */
  takeEarly(roomBytes: number): Uint8Array[];
}

/** Why a channel is not opened, in words for the log and the other side's screen. */
export class OpeningRefused extends Error {
  override name = 'OpeningRefused';
}

/** What the two handshake messages carry, at the side that sends the first. */
export interface InitiatorOpening {
  readonly initiator: true;
  readonly handshake: Handshake;
  request(texts: EarlyTexts): Uint8Array;
  /** The texts of the answer. Throws {@link OpeningRefused}. */
  answered(payload: Uint8Array): readonly string[];
}

/** At the side that answers. Nothing is delivered, and nothing changed, before `requested` accepts. */
export interface ResponderOpening {
  readonly initiator: false;
  readonly handshake: Handshake;
  /** The texts of the request. Throws {@link OpeningRefused}. */
  requested(payload: Uint8Array): readonly string[];
  answer(texts: EarlyTexts): Uint8Array | Promise<Uint8Array>;
  /** The first message after the handshake came: the other side is there, and this is no recording of it. */
  confirmed(): void;
}

export type Opening = InitiatorOpening | ResponderOpening;

/** What both sides know once the handshake is done. */
export interface Opened {
  readonly remoteStatic: Uint8Array;
  /** The transcript hash; no secret. */
  readonly hash: Uint8Array;
  /** Works until the channel closes or {@link forget}. */
  secret: FinishedHandshake['secret'];
  forget(): void;
  /** The opaque payload of the other's handshake message: pairing has one, a session none. */
  readonly payload: Uint8Array;
}
