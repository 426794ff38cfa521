import { respondPairing } from '../../connection/sealed/open.ts';
import type { SealedPorts } from '../../connection/sealed/sealed-transport.ts';
import type { Primitives } from '../../crypto/primitives.ts';
import { prologueOf } from '../../crypto/prologue.ts';
import { rootPsk as rootPskOf } from '../../crypto/root-psk.ts';
import { shortCode } from '../../crypto/sas.ts';
import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import { GuestGone, type SealedGuest, type SealGuest } from './guest.ts';

/** What a guest may say before it is listened to: `here` or `leave`. */
const MAX_EARLY_TEXTS = 4;

interface Listener {
  message(text: string): void;
  close(reason: string): void;
}

/** The host's half of a pairing's handshake, Noise IKpsk1: see src/connection/sealed. */
export function sealGuestWith(primitives: Primitives, ports?: Partial<SealedPorts>): SealGuest {
  return async (pipe, { own, rendezvous, secret, welcome }) => {
    const watched = new WatchedPipe(pipe);
    const transport = respondPairing({
      pipe: watched,
      own,
      psk: secret,
      prologue: prologueOf('pairing', rendezvous),
      primitives,
      answer: () => welcome,
      ...(ports !== undefined && { ports }),
    });
    const ears = new Ears();
    transport.start(ears);
    let rootPsk: Uint8Array = new Uint8Array(0);
    try {
      const opened = await transport.opened;
      watched.isOpen = true;
      rootPsk = rootPskOf(primitives, secret, opened.hash);
      const digits = shortCode((label, length) => opened.secret(label, length));
      opened.forget();
      const guest: SealedGuest = {
        deviceKey: opened.remoteStatic,
        hello: opened.payload,
        digits,
        rootPsk: () => rootPsk.slice(),
        start: (on) => ears.start(on),
        send: (text) => transport.send(text),
        close: (reason) => {
          rootPsk.fill(0);
          transport.close(reason);
        },
      };
      return guest;
    } catch (error) {
      rootPsk.fill(0);
      if (watched.wasLost || !watched.hasHeard)
        throw new GuestGone('A guest left before it had said anything.', { cause: error });
      throw error;
    }
  };
}

/** Tells a guest that left from one that did not know the code, and leaves the last word to the door. */
class WatchedPipe implements FramePipe {
  hasHeard = false;
  wasLost = false;
  isOpen = false;
  readonly #pipe: FramePipe;

  constructor(pipe: FramePipe) {
    this.#pipe = pipe;
  }

  get bufferedBytes(): number {
    return this.#pipe.bufferedBytes;
  }

  start(on: { frame(bytes: Uint8Array): void; close(reason: string): void }): void {
    this.#pipe.start({
      frame: (bytes) => {
        this.hasHeard = true;
        on.frame(bytes);
      },
      close: (reason) => {
        this.wasLost = true;
        on.close(reason);
      },
    });
  }

  send(bytes: Uint8Array): void {
    this.#pipe.send(bytes);
  }

  close(reason: string): void {
    if (this.isOpen) this.#pipe.close(reason);
  }
}

/** Keeps what comes until somebody listens: the guest may speak at once. */
class Ears implements Listener {
  #on: Listener | null = null;
  readonly #texts: string[] = [];
  #closed: string | null = null;

  start(on: Listener): void {
    this.#on = on;
    for (const text of this.#texts.splice(0)) on.message(text);
    if (this.#closed !== null) on.close(this.#closed);
  }

  message(text: string): void {
    if (this.#on !== null) this.#on.message(text);
    else if (this.#texts.length < MAX_EARLY_TEXTS) this.#texts.push(text);
  }

  close(reason: string): void {
    if (this.#on !== null) this.#on.close(reason);
    else this.#closed = reason;
  }
}
