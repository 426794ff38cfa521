import { MAX_REVOKED, type DeviceId } from '../protocol/relay.ts';

/** Who may not use a channel any more, on its host's word. */
export class Revocations {
  #epoch = 0;
  #revoked = new Set<DeviceId>();

  /** What the host hands over when it connects is all that holds. */
  replace(revoked: readonly DeviceId[], epoch: number): void {
    this.#epoch = epoch;
    this.#revoked = new Set(revoked);
  }

  /** False when that is more than a host may name: it should have begun a new epoch. */
  add(revoked: readonly DeviceId[], epoch: number): boolean {
    if (epoch > this.#epoch) this.replace([], epoch);
    for (const device of revoked) this.#revoked.add(device);
    return this.#revoked.size <= 2 * MAX_REVOKED;
  }

  /** What another node says. False when nothing of it is new. */
  learn(revoked: readonly DeviceId[], epoch: number): boolean {
    if (epoch < this.#epoch) return false;
    if (epoch === this.#epoch && revoked.every((device) => this.#revoked.has(device))) return false;
    this.add(revoked, epoch);
    return true;
  }

  get epoch(): number {
    return this.#epoch;
  }

  holdsFor(device: DeviceId, epoch: number): boolean {
    return epoch < this.#epoch || this.#revoked.has(device);
  }

  get devices(): Iterable<DeviceId> {
    return this.#revoked;
  }

  get count(): number {
    return this.#revoked.size;
  }

  get isEmpty(): boolean {
    return this.#revoked.size === 0 && this.#epoch === 0;
  }
}
