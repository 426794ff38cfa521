import {
  CLOSE_BUSY,
  CLOSE_REFUSED,
  CLOSE_SLOW,
  MAX_GUEST_BYTES,
  MAX_GUEST_SECONDS,
  MAX_UNREAD_BYTES,
  type DeviceId,
  type RelayMessage,
} from '../protocol/relay.ts';
import type { ChannelWorld } from './channel-world.ts';
import { Holding, HOLD_AT_BYTES } from './holding.ts';
import type { HostEnd } from './host-end.ts';
import type { Revocations } from './revocations.ts';
import type { Seat } from './seat.ts';
import { Seats } from './seats.ts';
import { NOT_OF_THIS_PROTOCOL, refuse, REVOKED, tell, TOO_SLOW } from './words.ts';

/** Pages that one device has open, and connections of it that have not been noticed to be gone. */
const MAX_LINES_PER_DEVICE = 8;

/** What the devices of a channel need of the rest of it. */
export interface SeatingOrders {
  /** Does nothing while there is no host. */
  sayToHost(say: (host: HostEnd) => void): void;
  hostIsSlow(): void;
  /** Somebody has left. */
  settle(): void;
}

/** The devices and guests of a channel: how they come, what they may do, and how they go. */
export class Seating {
  readonly #world: ChannelWorld;
  readonly #orders: SeatingOrders;
  readonly #seats = new Seats();
  readonly #holding = new Holding();

  constructor(world: ChannelWorld, orders: SeatingOrders) {
    this.#world = world;
    this.#orders = orders;
  }

  get size(): number {
    return this.#seats.size;
  }

  get isFull(): boolean {
    return this.size >= this.#world.maxSeats;
  }

  at(slot: number): Seat | undefined {
    return this.#seats.at(slot);
  }

  has(seat: Seat): boolean {
    return this.#seats.has(seat);
  }

  all(): Seat[] {
    return this.#seats.all();
  }

  /** `greet` tells it that it is in: nothing goes to it before. */
  add(seat: Seat, greet: () => void): void {
    const { sitter } = seat;
    if (sitter.role === 'device') this.#makeRoomFor(sitter.device);
    this.#count(seat, 1);
    greet();
    this.#giveSlot(seat);
    if (sitter.role === 'guest') this.#limitStay(seat);
  }

  /** Before a host that has just come, under numbers of its own. */
  addAnew(): void {
    for (const seat of this.#seats.clear()) {
      this.#giveSlot(seat);
      this.tell(seat, { type: 'host', here: true });
    }
  }

  send(seat: Seat, frame: Buffer): void {
    seat.line.sendCargoAfterSlot(frame);
    if (seat.line.unread > MAX_UNREAD_BYTES) this.#isSlow(seat);
  }

  tell(seat: Seat, message: RelayMessage): void {
    tell(seat.line, message);
    if (seat.line.unread > MAX_UNREAD_BYTES) this.#isSlow(seat);
  }

  /** A guest that has sent all that a guest may is gone: false. */
  maySend(seat: Seat, bytes: number): boolean {
    if (seat.sitter.role !== 'guest') return true;
    seat.guestBytes += bytes;
    if (seat.guestBytes <= MAX_GUEST_BYTES) return true;
    this.unseat(seat, CLOSE_BUSY, 'That is more than pairing needs.');
    return false;
  }

  /** After something was sent to the host by this seat. */
  pace(seat: Seat, host: HostEnd): void {
    if (host.unread > MAX_UNREAD_BYTES) this.#orders.hostIsSlow();
    else if (host.unread > HOLD_AT_BYTES) this.#holding.hold(seat, host);
  }

  /** Who waited for a host waits no more. */
  release(): void {
    this.#holding.release();
  }

  misspoke(seat: Seat): void {
    refuse(seat.line, this.#world.metrics);
    this.unseat(seat, CLOSE_REFUSED, NOT_OF_THIS_PROTOCOL);
  }

  unseat(seat: Seat, code: number, reason: string, { isTold = false } = {}): void {
    seat.line.close(code, reason);
    this.forget(seat, { isTold });
  }

  /** `isTold`: the host knows; it needs no `closed` for that. */
  forget(seat: Seat, { isTold = false } = {}): void {
    if (!this.#seats.remove(seat)) return;
    this.#holding.forget(seat);
    this.#world.throttle.forget(seat.line);
    this.#count(seat, -1);
    if (seat.sitter.role === 'guest') this.#world.rendezvous.release(seat.sitter.rendezvous);
    if (!isTold) this.#orders.sayToHost((host) => host.closed(seat));
    this.#orders.settle();
  }

  cut(revocations: Revocations): void {
    for (const seat of this.#seats.all()) {
      const { sitter } = seat;
      if (sitter.role !== 'device') continue;
      if (!revocations.holdsFor(sitter.device, sitter.epoch)) continue;
      if (!seat.line.isElsewhere) this.#world.metrics.devicesCut += 1;
      tell(seat.line, { type: 'refused', code: 'revoked', message: REVOKED });
      this.unseat(seat, CLOSE_REFUSED, REVOKED);
    }
  }

  #giveSlot(seat: Seat): void {
    this.#seats.add(seat);
    this.#orders.sayToHost((host) => host.opened(seat));
  }

  #makeRoomFor(device: DeviceId): void {
    const lines = this.#seats.of(device);
    const [oldest] = lines;
    if (oldest !== undefined && lines.length >= MAX_LINES_PER_DEVICE)
      this.unseat(oldest, CLOSE_BUSY, 'This device has too many connections.');
  }

  #limitStay(seat: Seat): void {
    this.#world.clock.after(MAX_GUEST_SECONDS * 1_000, () => {
      if (this.#seats.has(seat)) this.unseat(seat, CLOSE_BUSY, 'The time for pairing is over.');
    });
  }

  #isSlow(seat: Seat): void {
    this.#world.metrics.slowCloses[seat.sitter.role] += 1;
    this.unseat(seat, CLOSE_SLOW, TOO_SLOW);
  }

  /** Once, where its line ends. */
  #count({ line, sitter }: Seat, by: 1 | -1): void {
    if (!line.isElsewhere) this.#world.metrics.count(sitter.role, by);
  }
}
