import type { Bus } from '../cluster/bus.ts';
import type { NodeId } from '../cluster/peers.ts';
import type { Subjects } from '../cluster/subjects.ts';
import type { Clock } from '../clock.ts';
import { counter, type Family } from './exposition.ts';
import { Histogram, histogram } from './histogram.ts';

const EVERY_MS = 5_000;
const LOST_AFTER_MS = 4_000;
const BOUNDS = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/**
 * How long it takes from here over the bus to a node: to this one, which is as far away as any, and
 * has the same clock.
 */
export class HopWatch {
  readonly #bus: Bus;
  readonly #subject: string;
  readonly #clock: Clock;
  readonly #hops = new Histogram(BOUNDS);
  readonly #forget: () => void;
  #stop: () => void = () => {};
  #number = 0;
  #sentAtMs: number | null = null;
  #lost = 0;

  constructor(bus: Bus, subjects: Subjects, self: NodeId, clock: Clock) {
    this.#bus = bus;
    this.#subject = subjects.hop(self);
    this.#clock = clock;
    this.#forget = bus.subscribe(this.#subject, (payload) => this.#heard(payload));
    this.#next();
  }

  families(): Family[] {
    return [
      histogram('hop_seconds', 'Over the bus from one node to another.', this.#hops.samples()),
      counter('hops_lost_total', 'Of those tries, the ones that did not arrive.', this.#lost),
    ];
  }

  close(): void {
    this.#stop();
    this.#forget();
  }

  #next(): void {
    this.#stop = this.#clock.after(EVERY_MS, () => this.#try());
  }

  #try(): void {
    if (this.#sentAtMs !== null && this.#clock.nowMs() - this.#sentAtMs >= LOST_AFTER_MS)
      this.#lost += 1;
    this.#number = (this.#number + 1) % 0x1_0000_0000;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#number);
    // While the bus is away nothing can be lost that was not given to it.
    this.#sentAtMs = this.#bus.isUp ? this.#clock.nowMs() : null;
    if (this.#bus.isUp) this.#bus.publish(this.#subject, payload);
    this.#next();
  }

  #heard(payload: Uint8Array): void {
    if (this.#sentAtMs === null || payload.byteLength !== 4) return;
    const { buffer, byteOffset } = payload;
    if (new DataView(buffer, byteOffset, 4).getUint32(0) !== this.#number) return;
    this.#hops.observe((this.#clock.nowMs() - this.#sentAtMs) / 1_000);
    this.#sentAtMs = null;
  }
}
