import { hostControlSchema, type HostControl } from '../protocol/relay.ts';
import type { Bucket } from './bucket.ts';
import { readControl } from './control.ts';
import { SLOT_BYTES, type Line, type LineListener } from './line.ts';

/** What a channel does on its host's word. */
export interface HostOrders {
  toSlot(host: HostSeat, frame: Buffer): void;
  obey(host: HostSeat, control: HostControl): void;
  hostMisspoke(host: HostSeat): void;
  hostLeft(host: HostSeat): void;
}

/** The line of a channel's host. */
export class HostSeat implements LineListener {
  readonly line: Line;
  readonly payer: Bucket;
  readonly #orders: HostOrders;

  constructor(orders: HostOrders, line: Line, payer: Bucket) {
    this.#orders = orders;
    this.line = line;
    this.payer = payer;
  }

  onCargo(frame: Buffer): void {
    if (frame.length < SLOT_BYTES) this.#orders.hostMisspoke(this);
    else this.#orders.toSlot(this, frame);
  }

  onText(text: string): void {
    const control = readControl(hostControlSchema, text);
    if (control === 'bad') this.#orders.hostMisspoke(this);
    else if (control !== 'unknown') this.#orders.obey(this, control);
  }

  onClosed(): void {
    this.#orders.hostLeft(this);
  }
}
