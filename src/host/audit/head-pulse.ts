import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { AuditHead } from '../../protocol/audit.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { NotificationParams } from '../../protocol/methods.ts';

export const PULSE_MS = 5_000;

export interface HeadPulseNeeds {
  readonly changed: Pick<Emitter<AuditHead>, 'on'>;
  readonly timers: Pick<Timers, 'after'>;
}

/** The newest head, at most once every five seconds, for all that hear of it. */
export class HeadPulse {
  readonly heads = new Emitter<AuditHead>();
  readonly #timers: HeadPulseNeeds['timers'];
  readonly #unfollow: () => void;
  #newest: AuditHead | null = null;
  /** Undone when the host leaves; null: nothing was told lately. */
  #resting: (() => void) | null = null;

  constructor({ changed, timers }: HeadPulseNeeds) {
    this.#timers = timers;
    this.#unfollow = changed.on((head) => {
      this.#newest = head;
      // Entries of one moment come together.
      this.#resting ??= this.#timers.after(0, () => this.#tell());
    });
  }

  close(): void {
    this.#unfollow();
    this.#resting?.();
  }

  #tell(): void {
    const head = this.#newest;
    this.#resting = null;
    if (head === null) return;
    this.#newest = null;
    this.#resting = this.#timers.after(PULSE_MS, () => this.#tell());
    this.heads.emit(head);
  }
}

export interface HeadSurface {
  readonly bufferedBytes: number;
  notify(name: 'audit.head', params: NotificationParams<'audit.head'>): void;
}

/** Tells one surface; one that does not read is left out, since the next head stands for this one. */
export function followHeads(
  heads: Pick<Emitter<AuditHead>, 'on'>,
  surface: HeadSurface,
): { close(): void } {
  const close = heads.on((head) => {
    if (surface.bufferedBytes <= MAX_UNACKED_BYTES) surface.notify('audit.head', { head });
  });
  return { close };
}
