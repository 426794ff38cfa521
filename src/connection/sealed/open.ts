import { concat, EMPTY, readUint64, uint64 } from '../../crypto/bytes.ts';
import { Handshake, type HandshakeOptions } from '../../crypto/noise/handshake.ts';
import { MAX_NOISE_BYTES } from '../../crypto/noise/handshake-state.ts';
import { KEY_BYTES, TAG_BYTES } from '../../crypto/primitives.ts';
import { systemTimers } from '../timers.ts';
import { packTexts, unpackTexts } from './early-texts.ts';
import type { FramePipe } from './frame-pipe.ts';
import { MAX_PAIRING_BYTES, sealedLimits } from './limits.ts';
import { OpeningRefused, type EarlyTexts } from './opening.ts';
import { SealedTransport, type SealedPorts } from './sealed-transport.ts';
import { systemSoon } from './soon.ts';

const COUNTER_BYTES = 8;
/** Both messages of KKpsk0 are an ephemeral key and a sealed payload. */
const EARLY_ROOM_BYTES = MAX_NOISE_BYTES - KEY_BYTES - TAG_BYTES;

interface Channel {
  readonly pipe: FramePipe;
  /** Each port has a system default; tests set them. */
  readonly ports?: Partial<SealedPorts>;
}

export type SessionKeys = Omit<HandshakeOptions, 'pattern' | 'initiator' | 'remote'> & {
  /** The other's static key, from the pairing. */
  readonly remote: Uint8Array;
};

export interface InitiateOptions extends Channel, SessionKeys {
  /** Greater than any that this device used before, also before a restart: stored before it is used. */
  readonly counter: number;
}

export interface RespondOptions extends Channel, SessionKeys {
  /**
   * Whether this is greater than the one stored for the device. Changes nothing; asked before anything
   * is delivered, and again before `confirmed`.
   */
  accept(counter: number): boolean;
  /**
   * The device has answered: store the counter now, and let this connection take an older one's place.
   * Before this, message 1 may be a recording that somebody plays again.
   */
  confirmed(counter: number): void;
}

/**
 * A device's connection to a host it is paired with (KKpsk0). The opening begins at `start`; texts
 * that are sent before, or in the same turn of the event loop, go with the first message, and the
 * host's prompt answers come with the second: one round trip for all of them.
 *
 * **Only reads may go so early**, since whoever recorded the first message can have the host answer
 * it again (to nobody who can open the answer) until the device's next connection: `hello`,
 * `desk.follow`, `session.follow`.
 */
export function initiate(options: InitiateOptions): SealedTransport {
  const counter = uint64(options.counter);
  const transport = new SealedTransport(
    options.pipe,
    {
      initiator: true,
      handshake: new Handshake({ ...options, pattern: 'KKpsk0', initiator: true }),
      request: (texts) =>
        concat(counter, packTexts(texts.takeEarly(EARLY_ROOM_BYTES - COUNTER_BYTES))),
      answered: textsOf,
    },
    portsOf(options),
  );
  return withoutSecrets(transport);
}

/** The host's end of {@link initiate}: answers one device, whose keys the caller has looked up. */
export function respond(options: RespondOptions): SealedTransport {
  let counter = -1;
  const transport = new SealedTransport(
    options.pipe,
    {
      initiator: false,
      handshake: new Handshake({ ...options, pattern: 'KKpsk0', initiator: false }),
      requested: (payload) => {
        const asked = readUint64(payload);
        if (asked === null) throw new OpeningRefused('the first message is malformed');
        const texts = textsOf(payload.subarray(COUNTER_BYTES));
        if (!options.accept(asked))
          throw new OpeningRefused(
            'this connection was opened before: its first message is a repeat',
          );
        counter = asked;
        return texts;
      },
      answer: answerOf,
      confirmed: () => {
        // Another connection of the same device may have been confirmed since: the newer one stays.
        if (!options.accept(counter)) throw new OpeningRefused('the device has connected anew');
        options.confirmed(counter);
      },
    },
    portsOf(options),
  );
  return withoutSecrets(transport);
}

export type PairingKeys = Omit<HandshakeOptions, 'pattern' | 'initiator' | 'remote'>;

export interface InitiatePairingOptions extends Channel, PairingKeys {
  /** The host's static key, from the code that was scanned; `psk` is the code's secret. */
  readonly remote: Uint8Array;
  /** At most 4 KiB; readable by the host alone. */
  readonly payload: Uint8Array;
}

export interface RespondPairingOptions extends Channel, PairingKeys {
  /**
   * What the guest sent, and its key; gives what goes back (at most 4 KiB), or throws
   * {@link OpeningRefused}. Whoever comes here knew the code's secret.
   */
  answer(guest: {
    payload: Uint8Array;
    remoteStatic: Uint8Array;
  }): Uint8Array | Promise<Uint8Array>;
  /** The guest has the answer. */
  confirmed?(): void;
}

/** The guest's end of a pairing (IKpsk1). `opened` gives both sides the same `secret` and `hash`. */
export function initiatePairing(options: InitiatePairingOptions): SealedTransport {
  checkPairingPayload(options.payload);
  return new SealedTransport(
    options.pipe,
    {
      initiator: true,
      handshake: new Handshake({ ...options, pattern: 'IKpsk1', initiator: true }),
      request: () => options.payload,
      answered: () => [],
    },
    portsOf(options),
  );
}

/** The host's end of {@link initiatePairing}. */
export function respondPairing(options: RespondPairingOptions): SealedTransport {
  const handshake = new Handshake({ ...options, pattern: 'IKpsk1', initiator: false });
  let request: Uint8Array = EMPTY;
  return new SealedTransport(
    options.pipe,
    {
      initiator: false,
      handshake,
      requested: (payload) => {
        if (payload.length > MAX_PAIRING_BYTES)
          throw new OpeningRefused('the first message is too large');
        request = payload;
        return [];
      },
      answer: async () => {
        const remoteStatic = handshake.remoteStatic ?? EMPTY;
        const answer = await options.answer({ payload: request, remoteStatic });
        checkPairingPayload(answer);
        return answer;
      },
      confirmed: () => options.confirmed?.(),
    },
    portsOf(options),
  );
}

function textsOf(payload: Uint8Array): readonly string[] {
  const texts = unpackTexts(payload);
  if (texts === null) throw new OpeningRefused('the first message is malformed');
  return texts;
}

const answerOf = (texts: EarlyTexts): Uint8Array => packTexts(texts.takeEarly(EARLY_ROOM_BYTES));

function checkPairingPayload(payload: Uint8Array): void {
  if (payload.length > MAX_PAIRING_BYTES)
    throw new RangeError(
      `A pairing message of ${payload.length} bytes is over ${MAX_PAIRING_BYTES}`,
    );
}

/** A session's keys are used for the session alone: what else could be made of them is forgotten. */
function withoutSecrets(transport: SealedTransport): SealedTransport {
  transport.opened.then(
    (opened) => opened.forget(),
    () => {},
  );
  return transport;
}

function portsOf({ ports }: Channel): SealedPorts {
  return {
    timers: ports?.timers ?? systemTimers,
    soon: ports?.soon ?? systemSoon,
    limits: ports?.limits ?? sealedLimits,
  };
}
