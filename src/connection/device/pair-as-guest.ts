import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../crypto/bytes.ts';
import type { DhKeyPair, Primitives } from '../../crypto/primitives.ts';
import { prologueOf } from '../../crypto/prologue.ts';
import { rootPsk } from '../../crypto/root-psk.ts';
import { shortCode } from '../../crypto/sas.ts';
import {
  OFFER_SECONDS,
  pairingResultSchema,
  pairingWelcomeSchema,
  type Offer,
  type PairingHello,
  type PairingResult,
} from '../../protocol/pairing.ts';
import { initiatePairing } from '../sealed/open.ts';
import type { SealedTransport } from '../sealed/sealed-transport.ts';
import type { Timers } from '../timers.ts';
import { LinePipe } from './line-pipe.ts';
import type { RelayNetwork } from './ports.ts';
import { RelayLine, type Refusal } from './relay-line.ts';
import { openWay, WayChoice } from './way.ts';

/** The offer is over then, whatever the host does; a little longer, so that its own words arrive first. */
const PAIRING_LIMIT_MS = (OFFER_SECONDS + 30) * 1_000;
/** Ways tried one after the other until the relay has spoken: WebSocket twice, then the fallback. */
const MAX_TRIES = 3;

export interface GuestNeeds {
  readonly offer: Offer;
  readonly name: string;
  readonly version: string;
  /** This device's own X25519 pair, which it will seal with from now on. */
  readonly sealing: DhKeyPair;
  /** ECDSA P-256, 65 bytes. */
  readonly signingKey: Uint8Array;
  readonly network: RelayNetwork;
  readonly primitives: Primitives;
  readonly timers: Timers;
}

/** Everything a device has to keep of a host. */
export interface Paired {
  readonly hostId: string;
  readonly hostName: string;
  readonly relay: string;
  readonly device: Extract<PairingResult, { type: 'paired' }>['device'];
  readonly grant: Extract<PairingResult, { type: 'paired' }>['grant'];
  readonly hostKey: Uint8Array;
  readonly rootPsk: Uint8Array;
}

export type GuestOutcome =
  | { readonly kind: 'paired'; readonly paired: Paired }
  /** In words, for the person. */
  | { readonly kind: 'failed'; readonly message: string };

export interface GuestPairing {
  /** The digits to compare and the computer's name, once the host has answered. Rejects with the outcome's words. */
  readonly met: Promise<{ readonly digits: string; readonly hostName: string }>;
  readonly outcome: Promise<GuestOutcome>;
  /** The digits do not match, or the person gives up: the host is told, and nothing is kept. */
  leave(why: 'mismatch' | 'cancelled'): void;
}

/** Pairs this device with the host of an offer. Everything ends within `PAIRING_LIMIT_MS`. */
export function pairAsGuest(needs: GuestNeeds): GuestPairing {
  return new Pairing(needs);
}

interface Settle {
  resolve(met: Awaited<GuestPairing['met']>): void;
  reject(error: Error): void;
}

class Pairing implements GuestPairing {
  readonly met: GuestPairing['met'];
  readonly outcome: GuestPairing['outcome'];
  readonly #needs: GuestNeeds;
  readonly #ways: WayChoice;
  readonly #cancelLimit: () => void;
  #tries = 0;
  #line: RelayLine | null = null;
  #sealed: SealedTransport | null = null;
  #rootPsk: Uint8Array | null = null;
  #settleMet: Settle;
  #settle: ((outcome: GuestOutcome) => void) | null;

  constructor(needs: GuestNeeds) {
    this.#needs = needs;
    this.#ways = new WayChoice(needs.network.fetch !== undefined);
    // The executors run before the constructor goes on.
    let settleMet: Settle | undefined;
    let settle: ((outcome: GuestOutcome) => void) | undefined;
    this.met = new Promise((resolve, reject) => (settleMet = { resolve, reject }));
    this.outcome = new Promise((resolve) => (settle = resolve));
    this.#settleMet = settleMet ?? { resolve: () => {}, reject: () => {} };
    this.#settle = settle ?? null;
    // Whoever waits for the outcome alone is told there.
    this.met.catch(() => {});
    this.#cancelLimit = needs.timers.after(PAIRING_LIMIT_MS, () =>
      this.#fail('The computer did not answer in time. Ask it for a new code.'),
    );
    this.#dial();
  }

  leave(why: 'mismatch' | 'cancelled'): void {
    this.#sealed?.send(JSON.stringify({ type: 'leave', why }));
    this.#fail(
      why === 'mismatch'
        ? 'The digits did not match, so nothing was paired. Make sure that the code is your computer’s own, and ask it for a new one.'
        : 'Pairing was cancelled.',
    );
  }

  #dial(): void {
    const { network, offer, timers } = this.#needs;
    const way = this.#ways.next(timers.nowMs());
    this.#tries += 1;
    let hasProved = false;
    let pipe: LinePipe | null = null;
    const line: RelayLine = new RelayLine({
      timers,
      open: (on) => openWay(way, network, offer.relay, on),
      admission: () =>
        Promise.resolve(JSON.stringify({ type: 'guest', rendezvous: offer.rendezvous })),
      on: {
        proved: () => {
          hasProved = true;
        },
        admitted: () => {
          pipe = new LinePipe(line, (reason) => line.close(reason));
          this.#greet(pipe);
        },
        host: (isHere) => {
          if (!isHere) line.close('The computer went away. Ask it for a new code.');
        },
        cargo: (bytes) => pipe?.frame(bytes),
        pong: () => {},
        mail: () => {},
        closed: (_code, reason, refused) => {
          if (!hasProved) this.#ways.failed(way, timers.nowMs());
          const isUnheard = !hasProved && refused === null;
          if (isUnheard && this.#settle !== null && this.#tries < MAX_TRIES) return this.#dial();
          const message = messageOf(reason, refused, offer.relay);
          if (pipe === null) this.#fail(message);
          else pipe.end(message);
        },
      },
    });
    this.#line = line;
  }

  #greet(pipe: LinePipe): void {
    const { offer, name, version, signingKey, sealing, primitives } = this.#needs;
    const hello: PairingHello = { name, version, signingKey: toBase64url(signingKey) };
    const sealed = initiatePairing({
      pipe,
      primitives,
      own: sealing,
      remote: offer.hostKey,
      psk: offer.secret,
      prologue: prologueOf('pairing', offer.rendezvous),
      payload: utf8(JSON.stringify(hello)),
    });
    this.#sealed = sealed;
    sealed.opened
      .then(
        ({ payload, secret, hash, forget }) => {
          const welcome = pairingWelcomeSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
          this.#rootPsk = rootPsk(primitives, offer.secret, hash);
          const digits = shortCode(secret);
          forget();
          sealed.send(JSON.stringify({ type: 'here' }));
          this.#settleMet.resolve({ digits, hostName: welcome.hostName });
        },
        // `close` below says it.
        () => {},
      )
      .catch(() =>
        this.#fail('What the computer answered is not of this version. Update this app.'),
      );
    sealed.start({
      message: (text) => this.#onResult(text),
      close: (reason) => this.#fail(reason),
    });
  }

  #onResult(text: string): void {
    const { offer } = this.#needs;
    let result: PairingResult;
    try {
      result = pairingResultSchema.parse(JSON.parse(text));
    } catch {
      // A newer host may say more on the way; its result is what counts.
      return;
    }
    if (result.type === 'refused' || this.#rootPsk === null)
      return this.#fail(result.type === 'refused' ? result.message : 'The computer was too quick.');
    const { type: _type, ...rest } = result;
    const { hostKey } = offer;
    this.#end({ kind: 'paired', paired: { ...rest, hostKey, rootPsk: this.#rootPsk } });
  }

  #fail(message: string): void {
    this.#settleMet.reject(new Error(message));
    this.#rootPsk?.fill(0);
    this.#end({ kind: 'failed', message });
  }

  #end(outcome: GuestOutcome): void {
    const settle = this.#settle;
    if (settle === null) return;
    this.#settle = null;
    this.#cancelLimit();
    settle(outcome);
    this.#sealed?.close('done');
    this.#line?.close('done');
  }
}

function messageOf(reason: string, refused: Refusal | null, relay: string): string {
  switch (refused?.code) {
    case 'noRendezvous':
      return 'This code is over, was used already, or another device is using it. Ask the computer for a new one.';
    case 'busy':
      return `The relay is busy: ${refused.message} Ask the computer for a new code in a while.`;
    case 'badProof':
    case 'revoked':
    case 'badMessage':
      return `The relay refused: ${refused.message}`;
    default:
      return reason !== ''
        ? reason
        : `The relay at ${new URL(relay).host} cannot be reached. Is this phone online, and can it reach that address?`;
  }
}
