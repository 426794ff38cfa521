import {
  guestControlSchema,
  MAX_CARGO_BYTES,
  type DeviceId,
  type RendezvousId,
} from '../protocol/relay.ts';
import type { Bucket } from './bucket.ts';
import type { Channel } from './channel.ts';
import { readControl } from './control.ts';
import type { Line, LineListener } from './line.ts';

/** Who sits at the line of a device or guest. */
export type Sitter =
  | { readonly role: 'device'; readonly device: DeviceId; readonly epoch: number }
  | { readonly role: 'guest'; readonly rendezvous: RendezvousId };

/** One connected device or guest of a channel. */
export class Seat implements LineListener {
  /** The number by which the present host knows it. */
  slot = 0;
  /** What a guest has sent so far. */
  guestBytes = 0;
  readonly line: Line;
  readonly sitter: Sitter;
  /** Pays for what it sends, beside the channel's. */
  readonly payer: Bucket;
  readonly #channel: Channel;

  constructor(channel: Channel, line: Line, sitter: Sitter, payer: Bucket) {
    this.#channel = channel;
    this.line = line;
    this.sitter = sitter;
    this.payer = payer;
  }

  get party(): object {
    return this.#channel;
  }

  onCargo(cargo: Buffer): void {
    if (cargo.length > MAX_CARGO_BYTES) this.#channel.misspoken(this);
    else this.#channel.toHost(this, cargo);
  }

  onText(text: string): void {
    this.#channel.heardText(this.line, this.payer, text.length);
    const control = readControl(guestControlSchema, text);
    if (control === 'bad') this.#channel.misspoken(this);
    else if (control === 'unknown') return;
    else if (control.type === 'ping') this.#channel.pinged(this);
    else this.#channel.mailed(this, control);
  }

  onClosed(): void {
    this.#channel.left(this);
  }
}
