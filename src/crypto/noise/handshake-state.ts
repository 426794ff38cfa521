import { concat } from '../bytes.ts';
import { KEY_BYTES, TAG_BYTES, type DhKeyPair, type HandshakePrimitives } from '../primitives.ts';
import type { CipherState } from './cipher-state.ts';
import type { Pattern, Token } from './patterns.ts';
import { SymmetricState } from './symmetric-state.ts';

/** Noise §3: no message is longer. */
export const MAX_NOISE_BYTES = 65_535;
const EXPORT_LABEL = 'porchlight/1 export';

/** A message did not open, or came out of turn. The two do not share what they should, or someone between them meddled. */
export class HandshakeFailed extends Error {
  override name = 'HandshakeFailed';
}

export interface HandshakeStateOptions {
  readonly pattern: Pattern;
  readonly initiator: boolean;
  /** Known to both; a difference ends the handshake. */
  readonly prologue: Uint8Array;
  readonly own: DhKeyPair;
  /** The other's static key, where the pattern has it known beforehand. */
  readonly remote?: Uint8Array;
  /** Copied, and the copies zeroed. As many as the pattern has `psk` tokens. */
  readonly psks: readonly Uint8Array[];
  /** `own.dh(remote)` if it is at hand: one multiplication fewer. Copied. */
  readonly staticShared?: Uint8Array;
  readonly primitives: HandshakePrimitives;
}

/** Noise §5.3, for any pattern. {@link Handshake} in `handshake.ts` is what the product uses. */
export class HandshakeState {
  readonly #options: HandshakeStateOptions;
  readonly #symmetric: SymmetricState;
  readonly #psks: Uint8Array[];
  #staticShared: Uint8Array | null;
  #ephemeral: DhKeyPair | null = null;
  #remoteEphemeral: Uint8Array | null = null;
  #remoteStatic: Uint8Array | null;
  #messages = 0;
  #busy = false;
  #over = false;

  constructor(options: HandshakeStateOptions) {
    const { pattern, initiator, own, remote } = options;
    this.#options = options;
    const remoteKnown = initiator ? pattern.responderKnown : pattern.initiatorKnown;
    if (remoteKnown !== (remote !== undefined))
      throw new TypeError(`${pattern.name}: the remote key is ${remoteKnown ? 'needed' : 'sent'}`);
    this.#remoteStatic = remote?.slice() ?? null;
    this.#psks = options.psks.map((psk) => psk.slice());
    if (this.#psks.some((psk) => psk.length !== KEY_BYTES))
      throw new TypeError(`A pre-shared key has ${KEY_BYTES} bytes`);
    this.#staticShared = options.staticShared?.slice() ?? null;
    const name = `Noise_${pattern.name}_25519_ChaChaPoly_SHA256`;
    this.#symmetric = new SymmetricState(name, options.primitives);
    this.#symmetric.mixHash(options.prologue);
    const [first, second] = initiator ? [own.publicKey, remote] : [remote, own.publicKey];
    if (pattern.initiatorKnown && first !== undefined) this.#symmetric.mixHash(first);
    if (pattern.responderKnown && second !== undefined) this.#symmetric.mixHash(second);
  }

  /** The other's static key, once it is known. */
  get remoteStatic(): Uint8Array | null {
    return this.#remoteStatic;
  }

  get isFinished(): boolean {
    return this.#messages === this.#options.pattern.messages.length;
  }

  async writeMessage(payload: Uint8Array): Promise<Uint8Array> {
    const tokens = this.#begin(true);
    try {
      const parts: Uint8Array[] = [];
      for (const token of tokens) {
        const part = await this.#write(token);
        if (part !== null) parts.push(part);
      }
      parts.push(this.#symmetric.encryptAndHash(payload));
      const message = concat(...parts);
      if (message.length > MAX_NOISE_BYTES)
        throw new RangeError(`The payload of a handshake message is ${payload.length} bytes long`);
      this.#end();
      return message;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Rejects with {@link HandshakeFailed}; nothing can be read or written after that. */
  async readMessage(message: Uint8Array): Promise<Uint8Array> {
    const tokens = this.#begin(false);
    try {
      if (message.length > MAX_NOISE_BYTES) throw new HandshakeFailed('The message is too long');
      let rest = message;
      for (const token of tokens) rest = await this.#read(token, rest);
      const payload = this.#symmetric.decryptAndHash(rest);
      if (payload === null) throw new HandshakeFailed('The message does not open');
      this.#end();
      return payload;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /**
   * After the last message, once. `exporter` is the caller's to wipe. Of a one-way pattern only the
   * initiator's `send` and the responder's `receive` can be used.
   */
  split(): { send: CipherState; receive: CipherState; hash: Uint8Array; exporter: Uint8Array } {
    if (this.#over || this.#busy || !this.isFinished)
      throw new Error('The handshake is not finished, or was taken already.');
    const hash = this.#symmetric.hash;
    const [first, second, exporter] = this.#symmetric.split(EXPORT_LABEL);
    // §7.4: after a one-way pattern the responder must not send anything under these keys.
    if (this.#options.pattern.messages.length === 1) second.wipe();
    this.wipe();
    return this.#options.initiator
      ? { send: first, receive: second, hash, exporter }
      : { send: second, receive: first, hash, exporter };
  }

  wipe(): void {
    this.#over = true;
    this.#symmetric.wipe();
    for (const psk of this.#psks) psk.fill(0);
    this.#staticShared?.fill(0);
    this.#staticShared = null;
    this.#ephemeral?.wipe?.();
    this.#ephemeral = null;
  }

  #begin(isWrite: boolean): readonly Token[] {
    const tokens = this.#options.pattern.messages[this.#messages];
    const myTurn = (this.#messages % 2 === 0) === this.#options.initiator;
    if (this.#over || this.#busy || tokens === undefined || myTurn !== isWrite)
      throw this.#failed(new HandshakeFailed('A handshake message came out of turn'));
    this.#busy = true;
    return tokens;
  }

  #end(): void {
    // Wiped while a Diffie-Hellman was under way: what came of it is not to be used.
    if (this.#over) throw new HandshakeFailed('The handshake was given up');
    this.#busy = false;
    this.#messages += 1;
  }

  #failed(error: unknown): Error {
    this.wipe();
    if (error instanceof HandshakeFailed || error instanceof RangeError) return error;
    return new HandshakeFailed('The handshake cannot go on', { cause: error });
  }

  async #write(token: Token): Promise<Uint8Array | null> {
    switch (token) {
      case 'e': {
        const made = this.#options.primitives.generateKeyPair();
        // What needs no waiting goes out in this turn.
        const ephemeral = made instanceof Promise ? await made : made;
        if (this.#over) {
          ephemeral.wipe?.();
          throw new HandshakeFailed('The handshake was given up');
        }
        this.#ephemeral = ephemeral;
        this.#mixEphemeral(ephemeral.publicKey);
        return ephemeral.publicKey;
      }
      case 's':
        return this.#symmetric.encryptAndHash(this.#options.own.publicKey);
      default:
        await this.#mix(token);
        return null;
    }
  }

  async #read(token: Token, rest: Uint8Array): Promise<Uint8Array> {
    switch (token) {
      case 'e': {
        this.#remoteEphemeral = take(rest, KEY_BYTES).slice();
        this.#mixEphemeral(this.#remoteEphemeral);
        return rest.subarray(KEY_BYTES);
      }
      case 's': {
        const length = KEY_BYTES + (this.#symmetric.isKeyed ? TAG_BYTES : 0);
        const key = this.#symmetric.decryptAndHash(take(rest, length));
        if (key === null) throw new HandshakeFailed('The static key does not open');
        this.#remoteStatic = key;
        return rest.subarray(length);
      }
      default:
        await this.#mix(token);
        return rest;
    }
  }

  #mixEphemeral(key: Uint8Array): void {
    this.#symmetric.mixHash(key);
    // §9.2: with a psk the ephemeral also goes into the chaining key, since the psk's key has no fresh input of its own.
    if (this.#psks.length > 0 || hasPsk(this.#options.pattern)) this.#symmetric.mixKey(key);
  }

  async #mix(token: Exclude<Token, 'e' | 's'>): Promise<void> {
    if (token === 'psk') {
      const psk = this.#psks.shift();
      if (psk === undefined) throw new HandshakeFailed('A pre-shared key is missing');
      this.#symmetric.mixKeyAndHash(psk);
      psk.fill(0);
      return;
    }
    // The first letter is the initiator's key, the second the responder's.
    const { initiator } = this.#options;
    const mine = initiator ? token[0] : token[1];
    const theirs = initiator ? token[1] : token[0];
    const result = this.#dh(mine === 's', theirs === 's');
    const shared = result instanceof Uint8Array ? result : await result;
    this.#symmetric.mixKey(shared);
    shared.fill(0);
  }

  #dh(myStatic: boolean, theirStatic: boolean): Uint8Array | Promise<Uint8Array> {
    if (myStatic && theirStatic && this.#staticShared !== null) return this.#staticShared;
    const mine = myStatic ? this.#options.own : this.#ephemeral;
    const theirs = theirStatic ? this.#remoteStatic : this.#remoteEphemeral;
    if (mine === null || theirs === null) throw new HandshakeFailed('A key is missing');
    return mine.dh(theirs);
  }
}

const hasPsk = (pattern: Pattern): boolean =>
  pattern.messages.some((tokens) => tokens.includes('psk'));

function take(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length < length) throw new HandshakeFailed('The message is too short');
  return bytes.subarray(0, length);
}
