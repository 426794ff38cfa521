import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import {
  pairingGuestSchema,
  pairingHelloSchema,
  type PairingHello,
  type PairingResult,
} from '../../protocol/pairing.ts';
import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import type { DhKeyPair } from '../../crypto/primitives.ts';
import { deviceName } from './device-name.ts';
import type { LiveOffer } from './offers.ts';
import { GuestGone, type SealedGuest, type SealGuest } from './guest.ts';
import { endings, type Ending } from './pairing-words.ts';

/** From the end of the handshake until the device has shown that it is live. */
export const HERE_LIMIT_MS = 10_000;
/** Guests that came to nothing (a page that was loaded twice, a network that broke) before the code is void. */
export const MAX_GUESTS = 8;

/** A live device that knows the code. */
export interface Candidate {
  readonly name: string;
  readonly digits: string;
  readonly deviceKey: Uint8Array;
  readonly signingKey: string;
  /** The caller wipes it. */
  rootPsk(): Uint8Array;
  /** Says the outcome, and closes. */
  tell(result: PairingResult): void;
}

export interface PairingDoorNeeds {
  readonly offer: LiveOffer;
  readonly own: DhKeyPair;
  /** The welcome of message 2, as bytes. */
  readonly welcome: Uint8Array;
  readonly seal: SealGuest;
  readonly timers: Pick<Timers, 'after'>;
  readonly steadyMs: () => number;
  readonly logger: Logger;
  /** At most once. Nobody else is let in from here on. */
  candidate(candidate: Candidate): void;
  /** At most once, and nothing after: the attempt is over, or the candidate left. */
  ended(ending: Ending): void;
}

/** The door of one offer: one guest at a time, and whoever proves to be live is the only one. */
export class PairingDoor {
  readonly #needs: PairingDoorNeeds;
  #pipe: FramePipe | null = null;
  #guest: SealedGuest | null = null;
  #isHere = false;
  #guests = 0;
  #stopWaiting = (): void => {};
  #isShut = false;

  constructor(needs: PairingDoorNeeds) {
    this.#needs = needs;
  }

  /** Somebody dialled the rendezvous. Never rejects. */
  async admit(pipe: FramePipe): Promise<void> {
    const { offer, own, logger, welcome, steadyMs } = this.#needs;
    if (this.#isShut) return pipe.close('This code was used or is over. Ask for a new one.');
    if (this.#pipe !== null) return pipe.close('Another device has this code already.');
    if (steadyMs() >= offer.endsAtMs) return this.#end(endings.unused, pipe);
    this.#pipe = pipe;
    this.#guests += 1;
    let guest: SealedGuest;
    try {
      const { rendezvous, secret } = offer;
      guest = await this.#needs.seal(pipe, { own, rendezvous, secret, welcome });
    } catch (error) {
      if (this.#pipe !== pipe) return;
      if (!(error instanceof GuestGone)) {
        logger.warn({ error: String(error) }, 'a guest did not know the code');
        return this.#end(endings.wrongCode);
      }
      pipe.close('Nothing was said.');
      return this.#left();
    }
    if (this.#isShut || this.#pipe !== pipe) return guest.close('This code is over.');
    this.#greet(guest);
  }

  /** Ends whoever is there, with the outcome where it can be sealed. Again: nothing. */
  shut(result: PairingResult & { type: 'refused' }): void {
    if (this.#isShut) return;
    this.#isShut = true;
    this.#stopWaiting();
    const [pipe, guest] = [this.#pipe, this.#guest];
    this.#pipe = this.#guest = null;
    if (guest !== null) tell(guest, result);
    else pipe?.close(result.message.slice(0, MAX_REASON_CHARS));
  }

  #greet(guest: SealedGuest): void {
    this.#guest = guest;
    const hello = parsed(guest.hello, (value) => pairingHelloSchema.parse(value));
    const undo = this.#needs.timers.after(HERE_LIMIT_MS, () => {
      guest.close('It took too long.');
      this.#gone(guest);
    });
    this.#stopWaiting = undo;
    guest.start({
      message: (text) => {
        undo();
        if (this.#guest === guest) this.#onMessage(guest, hello, text);
      },
      close: () => {
        undo();
        this.#gone(guest);
      },
    });
  }

  #onMessage(guest: SealedGuest, hello: PairingHello | null, text: string): void {
    const said = parsed(text, (value) => pairingGuestSchema.parse(value));
    if (hello === null || said === null || (said.type === 'here' && this.#isHere))
      return this.#end(endings.notOurs);
    if (said.type === 'leave')
      return this.#end(said.why === 'mismatch' ? endings.differThere : endings.givenUpThere);
    if (this.#needs.steadyMs() >= this.#needs.offer.endsAtMs) return this.#end(endings.unused);
    this.#isHere = true;
    this.#needs.candidate({
      name: deviceName(hello.name),
      digits: guest.digits,
      deviceKey: guest.deviceKey,
      signingKey: hello.signingKey,
      rootPsk: () => guest.rootPsk(),
      tell: (result) => {
        if (this.#guest !== guest) return;
        this.#isShut = true;
        this.#pipe = this.#guest = null;
        tell(guest, result);
      },
    });
  }

  #gone(guest: SealedGuest): void {
    if (this.#guest !== guest) return;
    this.#guest = null;
    if (this.#isHere) return this.#end(endings.wentAway);
    this.#left();
  }

  /** It had not shown to be live: the offer is as good as before, but not for ever. */
  #left(): void {
    this.#pipe = null;
    if (this.#guests >= MAX_GUESTS) this.#end(endings.wentAway);
  }

  #end(ending: Ending, late?: FramePipe): void {
    if (this.#isShut) return;
    this.shut(ending.there);
    late?.close(ending.there.message.slice(0, MAX_REASON_CHARS));
    this.#needs.ended(ending);
  }
}

/** A relay passes no more on. */
const MAX_REASON_CHARS = 100;

function tell(guest: SealedGuest, result: PairingResult): void {
  guest.send(JSON.stringify(result));
  guest.close(result.type === 'paired' ? 'Paired.' : 'Not paired.');
}

/** null for what is no JSON, or not of that shape. */
function parsed<T>(given: string | Uint8Array, parse: (value: unknown) => T): T | null {
  try {
    return parse(JSON.parse(typeof given === 'string' ? given : new TextDecoder().decode(given)));
  } catch {
    return null;
  }
}
