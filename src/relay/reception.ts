import { randomBytes } from 'node:crypto';
import { assertNever } from '../base/assert-never.ts';
import {
  admissionSchema,
  CLOSE_BUSY,
  CLOSE_REFUSED,
  CLOSE_REPLACED,
  type Admission,
  type ChannelId,
} from '../protocol/relay.ts';
import type { Visitor } from './address-book.ts';
import { prove, type Proven, type Refusal } from './admission.ts';
import type { Authorities } from './authorities.ts';
import type { Channel } from './channel.ts';
import type { Channels } from './channels.ts';
import type { OfferElsewhere, TakeOffer } from './place.ts';
import type { Clock } from './clock.ts';
import { parsed } from './control.ts';
import type { Line, LineListener } from './line.ts';
import type { Metrics } from './metrics.ts';
import type { Sitter } from './seat.ts';
import type { RendezvousBook } from './rendezvous.ts';
import { WaitingRoom } from './waiting-room.ts';
import { REVOKED as REVOKED_WORDS, tell } from './words.ts';

type DeviceSitter = Extract<Sitter, { role: 'device' }>;
type GuestSitter = Extract<Sitter, { role: 'guest' }>;

/** How long a client may take to say who it is. */
const ADMISSION_LIMIT_MS = 5_000;
const NONCE_BYTES = 32;
/** So many connections of its address does a failed admission stand for. */
const FAILED_WEIGHS = 10;

export interface ReceptionWorld {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly authorities: Authorities;
  readonly channels: Channels;
  readonly rendezvous: RendezvousBook;
  /** Absent: this relay is one process. */
  readonly takeOffer?: TakeOffer | undefined;
}

/** Whom a new line is given to: asks who is there, and shows to a seat or to the door. */
export class Reception {
  readonly #world: ReceptionWorld;

  constructor(world: ReceptionWorld) {
    this.#world = world;
  }

  receive(line: Line, visitor: Visitor): void {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    let hasSpoken = false;
    const giveUp = (): void => {
      if (!hasSpoken) this.#refuse(line, visitor, NOTHING_SAID);
    };
    // A relay that is behind reads first what has come meanwhile: its delay is not the client's.
    const cancel = this.#world.clock.after(ADMISSION_LIMIT_MS, () => setImmediate(giveUp));
    const stopWaiting = (): void => {
      hasSpoken = true;
      cancel();
    };
    const listener: LineListener = {
      onText: (text) => {
        stopWaiting();
        const admission = admissionSchema.safeParse(parsed(text));
        if (admission.success) this.#admit(line, visitor, nonce, admission.data);
        else this.#refuse(line, visitor, NOT_ADMISSION);
      },
      onCargo: () => {
        stopWaiting();
        this.#refuse(line, visitor, NOT_ADMISSION);
      },
      onClosed: stopWaiting,
    };
    line.listener = listener;
    tell(line, { type: 'challenge', nonce });
  }

  #admit(line: Line, visitor: Visitor, nonce: string, admission: Admission): void {
    const { authorities } = this.#world;
    const proven = prove(admission, { nonce, isOurName: (name) => authorities.has(name) });
    const refusal = proven.role === 'refused' ? proven : this.#seat(line, visitor, proven);
    if (refusal !== null) return this.#refuse(line, visitor, refusal);
    if (proven.role !== 'refused') line.admitted(proven.role);
  }

  #seat(line: Line, visitor: Visitor, proven: Proven): Refusal | null {
    switch (proven.role) {
      case 'host':
        return this.#within(proven.channel, (channel) => {
          if (!this.#mayConnect(channel)) return BUSY;
          if (!channel.seatHost(line, visitor.traffic, proven))
            line.close(CLOSE_REPLACED, 'The host has connected elsewhere since.');
          return null;
        });
      case 'device':
        return this.#within(proven.channel, (channel) => {
          if (channel.revocations.holdsFor(proven.device, proven.epoch)) return REVOKED;
          if (channel.isFull || !this.#mayConnect(channel)) return BUSY;
          return this.#seatDevice(channel, line, visitor, sitterOf(proven));
        });
      case 'guest':
        return this.#seatGuest(line, visitor, proven);
      default:
        return assertNever(proven, 'client');
    }
  }

  #seatDevice(
    channel: Channel,
    line: Line,
    visitor: Visitor,
    sitter: DeviceSitter,
  ): Refusal | null {
    const seat = (): Refusal | null => {
      if (channel.revocations.holdsFor(sitter.device, sitter.epoch)) return REVOKED;
      if (channel.isFull) return BUSY;
      channel.seat(line, sitter, visitor.traffic);
      return null;
    };
    const search = channel.search();
    if (search === null) return seat();
    const isOver = channel.expect();
    void new WaitingRoom(line).until(search, (_, isThere) => {
      const refusal = isThere ? seat() : null;
      if (refusal !== null) this.#refuse(line, visitor, refusal);
      isOver();
    });
    return null;
  }

  #seatGuest(line: Line, visitor: Visitor, guest: GuestSitter): Refusal | null {
    const { rendezvous, clock, takeOffer } = this.#world;
    const channel = rendezvous.take(guest.rendezvous, clock.nowMs());
    if (channel !== null) {
      if (!channel.isFull && this.#mayConnect(channel)) {
        channel.seat(line, guest, visitor.traffic);
        return null;
      }
      rendezvous.release(guest.rendezvous);
      return BUSY;
    }
    if (takeOffer === undefined) return NO_RENDEZVOUS;
    void new WaitingRoom(line).until(takeOffer(guest.rendezvous), (offer, isThere) => {
      if (!isThere) return;
      const refusal =
        offer === null ? NO_RENDEZVOUS : this.#seatGuestOf(offer, line, visitor, guest);
      if (refusal !== null) this.#refuse(line, visitor, refusal);
    });
    return null;
  }

  #seatGuestOf(
    offer: OfferElsewhere,
    line: Line,
    visitor: Visitor,
    guest: GuestSitter,
  ): Refusal | null {
    return this.#within(offer.channel, (channel) => {
      if (channel.isFull || !this.#mayConnect(channel)) return BUSY;
      const isOver = channel.expect();
      const isReached = offer.reach(channel);
      if (isReached) channel.seat(line, guest, visitor.traffic);
      isOver();
      return isReached ? null : NO_RENDEZVOUS;
    });
  }

  #within(id: ChannelId, act: (channel: Channel) => Refusal | null): Refusal | null {
    const channel = this.#world.channels.of(id);
    if (channel === null) return BUSY;
    const refusal = act(channel);
    this.#world.channels.settle(channel);
    return refusal;
  }

  #mayConnect(channel: Channel): boolean {
    return channel.connects.tryTake(this.#world.clock.nowMs());
  }

  #refuse(line: Line, visitor: Visitor, refusal: Refusal): void {
    const { code, message } = refusal;
    const { clock, metrics } = this.#world;
    const { refused } = metrics;
    // Who tries at random tries seldom. That we have no room, or no time, is nobody's fault.
    if (code !== 'busy' && refusal !== NOTHING_SAID)
      visitor.connects.take(FAILED_WEIGHS - 1, clock.nowMs());
    refused.set(code, (refused.get(code) ?? 0) + 1);
    tell(line, { type: 'refused', code, message });
    line.close(code === 'busy' ? CLOSE_BUSY : CLOSE_REFUSED, message.slice(0, 100));
  }
}

/** Kept for as long as it is connected: only what is needed, and no text that it came in. */
function sitterOf({ device, epoch }: Extract<Proven, { role: 'device' }>): DeviceSitter {
  return { role: 'device', device, epoch };
}

const NOTHING_SAID: Refusal = {
  role: 'refused',
  code: 'badMessage',
  message: 'Nothing was said.',
};
const NOT_ADMISSION: Refusal = {
  role: 'refused',
  code: 'badMessage',
  message: 'That does not say who connects.',
};
const REVOKED: Refusal = {
  role: 'refused',
  code: 'revoked',
  message: REVOKED_WORDS,
};
const NO_RENDEZVOUS: Refusal = {
  role: 'refused',
  code: 'noRendezvous',
  message: 'This offer is over, or somebody else has taken it.',
};
const BUSY: Refusal = {
  role: 'refused',
  code: 'busy',
  message: 'There are too many connections: try again later.',
};
