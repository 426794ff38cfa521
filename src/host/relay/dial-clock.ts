import type { Logger } from '../../base/log.ts';
import { readPrivate, writePrivate } from '../devices/private-file.ts';

/** A clock so wrong is not followed: what a relay keeps of it would hold for ever. */
const MAX_MS = Date.UTC(2200, 0);

export interface DialClockNeeds {
  /** `dialled.json`. */
  readonly path: string;
  nowMs(): number;
  readonly logger: Logger;
}

/**
 * When this host dials, as it tells relays of several nodes: greater at each dial, also after a
 * restart, and where the clock was set back meanwhile. Where the file cannot be kept that is true for
 * the life of this process only.
 */
export class DialClock {
  readonly #needs: DialClockNeeds;
  #lastMs: number | null = null;

  constructor(needs: DialClockNeeds) {
    this.#needs = needs;
  }

  next(): number {
    const lastMs = this.#lastMs ?? this.#read();
    const nowMs = Math.floor(this.#needs.nowMs());
    const ms = Math.max(lastMs + 1, nowMs < MAX_MS ? nowMs : 0);
    this.#lastMs = ms;
    this.#write(ms);
    return ms;
  }

  #read(): number {
    try {
      const json: unknown = JSON.parse(readPrivate(this.#needs.path) ?? '{}');
      if (typeof json !== 'object' || json === null || !('dialledMs' in json)) return 0;
      const { dialledMs } = json;
      const isGood = Number.isSafeInteger(dialledMs) && Number(dialledMs) >= 0;
      return isGood && Number(dialledMs) < MAX_MS ? Number(dialledMs) : 0;
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'when this host last dialled a relay is not known');
      return 0;
    }
  }

  #write(dialledMs: number): void {
    try {
      writePrivate(this.#needs.path, `${JSON.stringify({ dialledMs })}\n`);
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'when this host dials a relay cannot be kept');
    }
  }
}
