import {
  hostControlSchema,
  type DeviceId,
  type HostControl,
  type RelayMessage,
} from '../protocol/relay.ts';
import type { Bucket } from './bucket.ts';
import { readControl } from './control.ts';
import type { HostEnd } from './host-end.ts';
import { SLOT_BYTES, type Line, type LineListener } from './line.ts';
import type { Seat } from './seat.ts';
import { tell } from './words.ts';

/** What a host says of itself when it connects. */
export interface HostWord {
  readonly revoked: readonly DeviceId[];
  readonly epoch: number;
  /** By its own clock; null: an older host, that does not say. */
  readonly dialledMs: number | null;
}

/** What a channel does on its host's word. */
export interface HostOrders {
  toSlot(host: HostSeat, frame: Buffer): void;
  /** Of any text that came on this line, whatever it says. */
  heardText(line: Line, payer: Bucket, chars: number): void;
  obey(host: HostSeat, control: HostControl): void;
  hostMisspoke(host: HostSeat): void;
  hostLeft(host: HostEnd): void;
}

/** The line of a channel's host. */
export class HostSeat implements LineListener, HostEnd {
  readonly isHere = true;
  readonly line: Line;
  readonly payer: Bucket;
  readonly #orders: HostOrders;

  constructor(orders: HostOrders, line: Line, payer: Bucket) {
    this.#orders = orders;
    this.line = line;
    this.payer = payer;
  }

  get unread(): number {
    return this.line.unread;
  }

  /** Reads no more until what is returned is called. */
  hold(): () => void {
    this.line.pause();
    return () => this.line.resume();
  }

  onceDrained(act: () => void): void {
    this.line.onceDrained(act);
  }

  opened({ slot, sitter }: Seat): void {
    this.#tell({
      type: 'opened',
      slot,
      device: sitter.role === 'device' ? sitter.device : null,
      rendezvous: sitter.role === 'guest' ? sitter.rendezvous : null,
    });
  }

  closed({ slot }: Seat): void {
    this.#tell({ type: 'closed', slot });
  }

  send({ slot }: Seat, cargo: Buffer): void {
    this.line.sendCargoToSlot(slot, cargo);
  }

  close(code: number, reason: string): void {
    this.line.close(code, reason);
  }

  get party(): object {
    return this.#orders;
  }

  onCargo(frame: Buffer): void {
    if (frame.length < SLOT_BYTES) this.#orders.hostMisspoke(this);
    else this.#orders.toSlot(this, frame);
  }

  onText(text: string): void {
    this.#orders.heardText(this.line, this.payer, text.length);
    const control = readControl(hostControlSchema, text);
    if (control === 'bad') this.#orders.hostMisspoke(this);
    else if (control !== 'unknown') this.#orders.obey(this, control);
  }

  onClosed(): void {
    this.#orders.hostLeft(this);
  }

  #tell(message: RelayMessage): void {
    tell(this.line, message);
  }
}
