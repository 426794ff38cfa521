import { toBase64url } from '../../base/base64url.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import {
  MAX_PAIRING_FAILURES,
  OFFER_SECONDS,
  PAIRING_PAUSE_SECONDS,
} from '../../protocol/pairing.ts';
import { rendezvousIdSchema, type RendezvousId } from '../../protocol/relay.ts';

export interface OffersNeeds {
  /** Time that is never set and counts sleep: what ends an offer. */
  steadyMs(): number;
  randomBytes(length: number): Uint8Array;
}

/** A secret that is worth something for a while. Lives here and on the screen, nowhere else. */
export interface LiveOffer {
  readonly rendezvous: RendezvousId;
  /** 32 bytes; zeros once it is void. */
  readonly secret: Uint8Array;
  /** By the steady clock. */
  readonly endsAtMs: number;
}

/** Makes the secrets of offers, one at a time, and pauses after failures in a row. */
export class Offers {
  readonly #needs: OffersNeeds;
  #live: LiveOffer | null = null;
  #failures = 0;
  #pausedUntilMs = -Infinity;

  constructor(needs: OffersNeeds) {
    this.#needs = needs;
  }

  /** Voids the one before. Throws `refused` during a pause. */
  make(): LiveOffer {
    this.checkPause();
    this.void();
    this.#live = {
      rendezvous: rendezvousIdSchema.parse(toBase64url(this.#needs.randomBytes(16))),
      secret: this.#needs.randomBytes(32),
      endsAtMs: this.#needs.steadyMs() + OFFER_SECONDS * 1_000,
    };
    return this.#live;
  }

  checkPause(): void {
    const leftMs = this.#pausedUntilMs - this.#needs.steadyMs();
    if (leftMs > 0)
      throw new RpcFailure(
        'refused',
        `${MAX_PAIRING_FAILURES} pairings failed one after the other, so there is a pause. Try again in ${Math.ceil(leftMs / 1_000)} s.`,
      );
  }

  /** Used, over or taken back. Again: nothing. */
  void(): void {
    this.#live?.secret.fill(0);
    this.#live = null;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures < MAX_PAIRING_FAILURES) return;
    this.#failures = 0;
    this.#pausedUntilMs = this.#needs.steadyMs() + PAIRING_PAUSE_SECONDS * 1_000;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
