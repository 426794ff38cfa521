import { utf8 } from '../bytes.ts';
import { hkdfExpand } from '../hkdf.ts';
import type { DhKeyPair, HandshakePrimitives } from '../primitives.ts';
import type { CipherState } from './cipher-state.ts';
import { HandshakeState } from './handshake-state.ts';
import { patterns, type PatternName } from './patterns.ts';

export interface HandshakeOptions {
  readonly pattern: PatternName;
  readonly initiator: boolean;
  readonly prologue: Uint8Array;
  readonly own: DhKeyPair;
  /** The other's static key; the responder of IKpsk1 learns it from message 1 instead. */
  readonly remote?: Uint8Array;
  readonly psk: Uint8Array;
  /** `own.dh(remote)`, if the caller keeps it: saves a multiplication at each connection. */
  readonly staticShared?: Uint8Array;
  readonly primitives: HandshakePrimitives;
}

export interface FinishedHandshake {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** The transcript hash: the same on both sides of this one handshake, no secret, no key. */
  readonly hash: Uint8Array;
  /**
   * A secret of both sides for one purpose, from the final chaining key (never the transcript hash,
   * which anyone who saw the messages and keys can compute).
   */
  secret(label: string, length: number): Uint8Array;
  /** Forgets what {@link secret} is made from. The ciphers stay. */
  forget(): void;
}

/** One handshake of the product: Noise revision 34, 25519_ChaChaPoly_SHA256, one of two patterns. */
export class Handshake {
  readonly #state: HandshakeState;
  readonly #primitives: HandshakePrimitives;

  constructor(options: HandshakeOptions) {
    const { pattern, psk, ...rest } = options;
    this.#primitives = options.primitives;
    this.#state = new HandshakeState({ ...rest, pattern: patterns[pattern], psks: [psk] });
  }

  async writeMessage(payload: Uint8Array): Promise<Uint8Array> {
    return await this.#state.writeMessage(payload);
  }

  /** Rejects with `HandshakeFailed`, and is unusable then. */
  async readMessage(message: Uint8Array): Promise<Uint8Array> {
    return await this.#state.readMessage(message);
  }

  /** At the responder of IKpsk1 from message 1 on. */
  get remoteStatic(): Uint8Array | null {
    return this.#state.remoteStatic;
  }

  get isFinished(): boolean {
    return this.#state.isFinished;
  }

  /** After both messages, once. */
  finish(): FinishedHandshake {
    const { send, receive, hash, exporter } = this.#state.split();
    let forgotten = false;
    return {
      send,
      receive,
      hash,
      secret: (label, length) => {
        if (forgotten) throw new Error('The secrets of this handshake were forgotten.');
        return hkdfExpand(this.#primitives, exporter, utf8(label), length);
      },
      forget: () => {
        forgotten = true;
        exporter.fill(0);
      },
    };
  }

  /** Gives it up. */
  wipe(): void {
    this.#state.wipe();
  }
}
