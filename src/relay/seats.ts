import type { DeviceId } from '../protocol/relay.ts';
import type { Seat } from './seat.ts';

/** The devices and guests of a channel, by the number that its present host knows each by. */
export class Seats {
  /** While there is no host the numbers mean nothing. */
  #bySlot = new Map<number, Seat>();
  #lastSlot = 0;

  get size(): number {
    return this.#bySlot.size;
  }

  at(slot: number): Seat | undefined {
    return this.#bySlot.get(slot);
  }

  has(seat: Seat): boolean {
    return this.#bySlot.get(seat.slot) === seat;
  }

  /** A copy: whoever is in it may go meanwhile. */
  all(): Seat[] {
    return [...this.#bySlot.values()];
  }

  /** The oldest first. */
  of(device: DeviceId): Seat[] {
    return this.all().filter(({ sitter }) => sitter.role === 'device' && sitter.device === device);
  }

  /** Under a number that this host has not heard before. */
  add(seat: Seat): void {
    this.#lastSlot += 1;
    seat.slot = this.#lastSlot;
    this.#bySlot.set(seat.slot, seat);
  }

  /** False when it is not there any more. */
  remove(seat: Seat): boolean {
    return this.has(seat) && this.#bySlot.delete(seat.slot);
  }

  /** For another host: nobody has a number, until each is added again. Who was there. */
  clear(): Seat[] {
    const seats = this.all();
    this.#bySlot = new Map();
    this.#lastSlot = 0;
    return seats;
  }
}
