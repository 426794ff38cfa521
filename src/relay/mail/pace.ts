import type { DeviceId } from '../../protocol/relay.ts';
import { Bucket, type Rate } from '../bucket.ts';
import type { Clock } from '../clock.ts';

/** Devices that are remembered at once; beyond it the one that asked longest ago begins anew. */
const MAX_DEVICES = 10_000;

/** How fast each device may go, also when it connects anew. */
export class Pace {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** The one that asked longest ago is first. */
  readonly #buckets = new Map<DeviceId, Bucket>();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** False: it has to wait. */
  tryTake(device: DeviceId): boolean {
    const nowMs = this.#clock.nowMs();
    const bucket = this.#buckets.get(device) ?? new Bucket(this.#rate, nowMs);
    this.#buckets.delete(device);
    this.#buckets.set(device, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_DEVICES && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket.tryTake(nowMs);
  }
}
