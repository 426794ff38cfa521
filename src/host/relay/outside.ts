import { z } from 'zod';
import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';

/** Twice within the minute that an answer counts for. */
const AGAIN_MS = 30_000;
const AGAIN_AFTER_FAILURE_MS = 10_000;
const ANSWER_LIMIT_MS = 8_000;

const healthSchema = z.object({ ok: z.literal(true) });

export interface OutsideNeeds {
  /** Whether a relay answers there. Never throws. */
  ask(address: string): Promise<boolean>;
  readonly timers: Timers;
}

/**
 * Whether the relay of this machine can be reached the way that devices go: through the name that a
 * proxy or a tunnel gives it. The host's own connection to it says nothing of that. Asks only while
 * somebody wants to know.
 */
export class Outside {
  /** It answered, or did not. */
  readonly changed = new Emitter<void>();
  readonly #needs: OutsideNeeds;
  #address: string | null = null;
  #answeredAtMs: number | null = null;
  #cancel: () => void = () => {};

  constructor(needs: OutsideNeeds) {
    this.#needs = needs;
  }

  /** Looks there from now on; null: nowhere any more. */
  watch(address: string | null): void {
    if (address === this.#address) return;
    this.#cancel();
    this.#address = address;
    this.#answeredAtMs = null;
    if (address !== null)
      this.#cancel = this.#needs.timers.after(0, () => void this.#look(address));
  }

  /** null: it has not answered since somebody wants to know. */
  get answeredAgoMs(): number | null {
    const agoMs = this.#needs.timers.nowMs() - (this.#answeredAtMs ?? Infinity);
    return agoMs >= 0 ? agoMs : null;
  }

  async #look(address: string): Promise<void> {
    const { ask, timers } = this.#needs;
    const isThere = await ask(address);
    if (address !== this.#address) return;
    if (isThere) this.#answeredAtMs = timers.nowMs();
    this.#cancel = timers.after(
      isThere ? AGAIN_MS : AGAIN_AFTER_FAILURE_MS,
      () => void this.#look(address),
    );
    this.changed.emit();
  }
}

/** Asks a relay whether it is well. */
export async function isRelayWell(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address.replace(/\/+$/u, '')}/healthz`, {
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    return response.ok && healthSchema.safeParse(await response.json()).success;
  } catch {
    return false;
  }
}
