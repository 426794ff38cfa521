import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import type { HostControl, RelayMessage } from '../../protocol/relay.ts';
import { SLOT_BYTES, SlotPipe } from './slot-pipe.ts';

/** Devices, guests and strangers' leftovers on one link. */
const MAX_SLOTS = 300;

export interface SlotsNeeds {
  send(cargo: Uint8Array, sent: () => void): void;
  tell(control: Extract<HostControl, { type: 'close' }>): void;
  /** Takes the pipe into service at once, or closes it. */
  opened(who: Extract<RelayMessage, { type: 'opened' }>, pipe: FramePipe): void;
}

/** Who is at the other end of one link to a relay, by the relay's numbers. */
export class Slots {
  readonly #needs: SlotsNeeds;
  readonly #slots = new Map<number, SlotPipe>();

  constructor(needs: SlotsNeeds) {
    this.#needs = needs;
  }

  open(who: Extract<RelayMessage, { type: 'opened' }>): void {
    const { send, tell, opened } = this.#needs;
    const { slot } = who;
    if (this.#slots.has(slot)) return;
    const pipe = new SlotPipe(slot, {
      send,
      ended: (ended, reason) => {
        this.#slots.delete(ended);
        tell({ type: 'close', slot: ended, reason: reason.slice(0, 100) });
      },
    });
    if (this.#slots.size >= MAX_SLOTS) return pipe.close('this host has too many connections');
    this.#slots.set(slot, pipe);
    opened(who, pipe);
  }

  /** The relay says that whoever was there is gone. */
  closed(slot: number): void {
    this.#slots.get(slot)?.gone('the device is gone');
    this.#slots.delete(slot);
  }

  cargo(bytes: Buffer): void {
    if (bytes.length < SLOT_BYTES) return;
    // Unknown where this side has just ended it.
    this.#slots.get(bytes.readUInt32BE())?.take(bytes.subarray(SLOT_BYTES));
  }

  /** The link is over. */
  drop(reason: string): void {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const slot of slots) slot.gone(reason);
  }
}
