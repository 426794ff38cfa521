import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Notice, Outlet } from '../attention/notice.ts';
import type { Handlers } from '../api/handlers.ts';
import type { SurfaceNotice } from '../api/surface-connection.ts';
import type { Carried, Carrier } from '../courier/carrier.ts';
import { cutText } from '../courier/cut-text.ts';

/** A desktop's notification service answers at once, or is not there. */
const SHOWN_LIMIT_MS = 5_000;
const MAX_TITLE_CHARS = 200;
const MAX_TEXT_CHARS = 400;

type Follow = Handlers['desktop.follow'];
/** As much of a connection as is needed. */
export type DesktopSurface = Pick<Parameters<Follow>[1], 'notify' | 'hold'>;

interface Waiting {
  readonly surface: DesktopSurface;
  answered(carried: Carried): void;
}

/**
 * Notifications of this machine's desktop, shown by a surface that asked for it: the newest that did,
 * and the one before when that leaves.
 */
export class Desktop {
  readonly changed = new Emitter<void>();
  readonly #timers: Pick<Timers, 'after'>;
  readonly #followers: DesktopSurface[] = [];
  /** id → who is waited for. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(timers: Pick<Timers, 'after'>) {
    this.#timers = timers;
  }

  /** null: nobody shows any. */
  carrier(): Carrier | null {
    const surface = this.#followers.at(-1);
    if (surface === undefined) return null;
    const outlet: Outlet = {
      ...{ place: 'desktop', kind: 'desktop', role: 'operator', kinds: null, activeAtMs: null },
    };
    return {
      ...{ outlet, name: 'This computer' },
      show: async (notice) => await this.#show(surface, notice),
      withdraw: async (ids) => {
        surface.notify('desktop.withdraw', { ids: [...ids] });
        return await Promise.resolve({ kind: 'handed', status: null });
      },
    };
  }

  /** The row of the table. */
  follow(surface: DesktopSurface): void {
    this.#leave(surface);
    this.#followers.push(surface);
    surface.hold('desktop', () => ({ close: () => this.#left(surface) }));
    this.changed.emit();
  }

  heard(surface: DesktopSurface, notice: SurfaceNotice): void {
    if (notice.name !== 'desktop.shown') return;
    const { id, problem } = notice.params;
    const waiting = this.#waiting.get(id);
    if (waiting?.surface !== surface) return;
    waiting.answered(
      problem === null
        ? { kind: 'handed', status: null }
        : { kind: 'never', status: null, problem: `The desktop did not show it: ${problem}` },
    );
  }

  async #show(surface: DesktopSurface, notice: Notice): Promise<Carried> {
    const { id, kind, sessionId, approvalId, title, body, loud } = notice;
    return await new Promise<Carried>((resolve) => {
      const cancel = this.#timers.after(SHOWN_LIMIT_MS, () =>
        answered({
          ...{ kind: 'again', status: null, afterMs: null, mayBeThere: true },
          problem: `The tray app did not say within ${SHOWN_LIMIT_MS / 1_000} s that it was shown.`,
        }),
      );
      const answered = (carried: Carried): void => {
        cancel();
        if (this.#waiting.get(id)?.answered === answered) this.#waiting.delete(id);
        resolve(carried);
      };
      this.#waiting.set(id, { surface, answered });
      surface.notify('desktop.show', {
        item: {
          ...{ id, kind },
          ...(sessionId !== undefined && { sessionId }),
          ...(approvalId !== undefined && { approvalId }),
          title: cutText(title, MAX_TITLE_CHARS),
          text: cutText(body, MAX_TEXT_CHARS),
        },
        loud,
      });
    });
  }

  #left(surface: DesktopSurface): void {
    this.#leave(surface);
    for (const { surface: asked, answered } of this.#waiting.values())
      if (asked === surface)
        answered({
          ...{ kind: 'again', status: null, afterMs: null, mayBeThere: true },
          problem: 'The tray app has gone.',
        });
    this.changed.emit();
  }

  #leave(surface: DesktopSurface): void {
    const at = this.#followers.indexOf(surface);
    if (at >= 0) this.#followers.splice(at, 1);
  }
}
