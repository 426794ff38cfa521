import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { AuditHead } from '../../protocol/audit.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { NotificationParams } from '../../protocol/methods.ts';
import { Pace } from '../subscriptions/pace.ts';

export const PULSE_MS = 5_000;

export interface HeadPulseNeeds {
  readonly changed: Pick<Emitter<AuditHead>, 'on'>;
  readonly timers: Pick<Timers, 'after'>;
}

/** The newest head, at most once every five seconds, for all that hear of it. */
export class HeadPulse {
  readonly heads = new Emitter<AuditHead>();
  readonly #pace: Pace;
  readonly #unfollow: () => void;

  constructor({ changed, timers }: HeadPulseNeeds) {
    let newest: AuditHead | null = null;
    this.#pace = new Pace(timers, PULSE_MS, () => {
      if (newest !== null) this.heads.emit(newest);
    });
    this.#unfollow = changed.on((head) => {
      newest = head;
      this.#pace.ask();
    });
  }

  close(): void {
    this.#unfollow();
    this.#pace.close();
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
