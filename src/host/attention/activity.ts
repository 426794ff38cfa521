import { Emitter } from '../../base/emitter.ts';
import type { Place } from '../../protocol/attention.ts';
import type { Role } from '../../protocol/devices.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { ActivePlace } from './places.ts';

/** A person who did nothing for so long has gone. */
export const ACTIVE_MS = 60_000;
const MAX_PLACE_CHARS = 120;

/** What is known of a surface. */
export interface ActiveSurface {
  readonly surface: string;
  readonly role: Role;
  readonly device: { readonly id: DeviceId } | null;
}

/** Its place, where a person is told. */
export function placeOf({ device, surface }: Pick<ActiveSurface, 'device' | 'surface'>): Place {
  return device === null ? surface.slice(0, MAX_PLACE_CHARS) : `device:${device.id}`;
}

/**
 * Where a person is: what surfaces say of it, not that they are connected. Of each connection, since
 * one window may be in use and the other forgotten.
 */
export class Activity {
  /** Somebody is active at a place where nobody was. */
  readonly came = new Emitter<Place>();
  /** Nobody is any more at one where somebody was, and that was said or seen. */
  readonly left = new Emitter<Place>();
  readonly #nowMs: () => number;
  readonly #untilMs = new Map<ActiveSurface, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  heard(surface: ActiveSurface, isActive: boolean): void {
    if (!isActive) return this.gone(surface);
    const place = placeOf(surface);
    const wasActive = this.#isActive(place);
    this.#untilMs.set(surface, this.#nowMs() + ACTIVE_MS);
    if (!wasActive) this.came.emit(place);
  }

  /** Its connection has ended, too. */
  gone(surface: ActiveSurface): void {
    if (!this.#untilMs.delete(surface)) return;
    const place = placeOf(surface);
    if (!this.#isActive(place)) this.left.emit(place);
  }

  /** Each place once; a device has one role. */
  now(): ActivePlace[] {
    const places = new Map<Place, ActivePlace>();
    for (const [surface, untilMs] of this.#untilMs) {
      const place = placeOf(surface);
      if (untilMs > this.#nowMs()) places.set(place, { place, role: surface.role });
    }
    return [...places.values()];
  }

  #isActive(place: Place): boolean {
    return this.now().some((each) => each.place === place);
  }
}
