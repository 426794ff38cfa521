import { z } from 'zod';
import { deviceIdSchema, type DeviceId } from '../../protocol/relay.ts';

const META_KEY = 'silence';
const MAX_REMEMBERED = 50;

const keptSchema = z.object({
  last: z.number().int().nonnegative(),
  /** Notes that were sent and that the host has heard of, with the round under which it said it is back. */
  back: z.record(deviceIdSchema, z.object({ at: z.string(), round: z.number().int().positive() })),
});
type Kept = z.infer<typeof keptSchema>;

export interface RoundsNeeds {
  read(): string | null;
  write(text: string): void;
  /** Milliseconds since 1970. */
  nowMs(): number;
}

/** Where `<key>` of the store's meta is kept. */
export const ROUNDS_META = META_KEY;

/**
 * Numbers the pushes about silence, so that a device shows each once and none that is older than one
 * it has shown: seconds of the clock, and always more than the last that was told, over restarts too.
 */
export class Rounds {
  readonly #needs: RoundsNeeds;
  #kept: Kept;

  constructor(needs: RoundsNeeds) {
    this.#needs = needs;
    this.#kept = read(needs.read());
  }

  next(): number {
    const last = Math.max(this.#kept.last + 1, Math.floor(this.#needs.nowMs() / 1_000));
    this.#kept = { ...this.#kept, last };
    return last;
  }

  /** The round under which to tell a device that the silence of which it was told at `at` is over. */
  back(device: DeviceId, at: string): number {
    const known = this.#kept.back[device];
    if (known?.at === at) return known.round;
    const round = this.next();
    const others = Object.entries(this.#kept.back).filter(([id]) => id !== device);
    this.#kept = keptSchema.parse({
      last: round,
      back: Object.fromEntries([...others.slice(1 - MAX_REMEMBERED), [device, { at, round }]]),
    });
    this.#needs.write(JSON.stringify(this.#kept));
    return round;
  }
}

function read(text: string | null): Kept {
  const none: Kept = { last: 0, back: {} };
  try {
    return text === null ? none : keptSchema.parse(JSON.parse(text));
  } catch {
    // Lost, it costs at most a push that is shown twice.
    return none;
  }
}
