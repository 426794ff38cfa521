import { createHmac, randomBytes } from 'node:crypto';
import type { RendezvousId } from '../protocol/relay.ts';
import type { Channel } from './channel.ts';

interface Offer {
  readonly channel: Channel;
  readonly expiresAtMs: number;
  isTaken: boolean;
}

/**
 * The offers that guests may come to: one a host, so there are never more than hosts. An id is the
 * one thing that a guest needs, so none is kept: what is looked up is a keyed hash of it, which also
 * makes the time of a look-up say nothing.
 */
export class RendezvousBook {
  readonly #key = randomBytes(32);
  readonly #offers = new Map<string, Offer>();
  readonly #byChannel = new Map<Channel, string>();

  /**
   * Ends the channel's offer before, unless it is the same one: then its guest still has it. An id
   * that somebody else offers stays theirs: false.
   */
  open(channel: Channel, rendezvous: RendezvousId, expiresAtMs: number): boolean {
    const name = this.#nameOf(rendezvous);
    const before = this.#offers.get(name);
    if (before !== undefined && before.channel !== channel) return false;
    this.close(channel);
    this.#offers.set(name, { channel, expiresAtMs, isTaken: before?.isTaken ?? false });
    this.#byChannel.set(channel, name);
    return true;
  }

  /** Who came already may stay. */
  close(channel: Channel): void {
    const name = this.#byChannel.get(channel);
    if (name === undefined) return;
    this.#byChannel.delete(channel);
    this.#offers.delete(name);
  }

  /** The channel whose guest this is from now on; null when there is no such offer, or it is taken. */
  take(rendezvous: RendezvousId, nowMs: number): Channel | null {
    const offer = this.#offers.get(this.#nameOf(rendezvous));
    if (offer === undefined || offer.isTaken) return null;
    if (nowMs >= offer.expiresAtMs) {
      this.close(offer.channel);
      return null;
    }
    offer.isTaken = true;
    return offer.channel;
  }

  /** A guest who lost its connection may come again while the offer lasts. */
  release(rendezvous: RendezvousId): void {
    const offer = this.#offers.get(this.#nameOf(rendezvous));
    if (offer !== undefined) offer.isTaken = false;
  }

  #nameOf(rendezvous: RendezvousId): string {
    return createHmac('sha256', this.#key).update(rendezvous).digest('base64');
  }
}
