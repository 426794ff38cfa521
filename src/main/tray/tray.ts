import type { MenuEntry } from './menu-entry.ts';
import { trayMenu } from './tray-menu.ts';
import type { Picture } from './tray-icon.ts';
import { initialTrayState, knownPower, lampOf, tooltipOf, type TrayState } from './tray-state.ts';
import { doesWait } from './wait-words.ts';

/** The platform's tray icon, as far as this file needs it. */
export interface TrayIcon {
  show(picture: Picture): void;
  tell(tooltip: string): void;
  /** Builds the menu anew: a Linux panel does not see changes inside one that it has read. */
  offer(menu: readonly MenuEntry[]): void;
}

/** Time, as far as the tray has to do with it. */
export interface TrayClock {
  /** Wall clock. */
  nowMs(): number;
  soon(render: () => void): void;
  /** Once, and never what keeps the program alive. */
  inAMinute(render: () => void): void;
}

const SYSTEM_CLOCK: TrayClock = {
  nowMs: () => Date.now(),
  soon: setImmediate,
  inAMinute: (render) => void setTimeout(render, 60_000).unref(),
};

/**
 * Holds what the tray shows. Every change ends in one idempotent render, at most once a tick, and
 * only what differs reaches the panel: a menu that is rebuilt while open closes under the hand.
 */
export class Tray {
  readonly #icon: TrayIcon;
  readonly #clock: TrayClock;
  #state: TrayState = initialTrayState;
  #isScheduled = false;
  #isCounting = false;
  #shown: (Picture & { tooltip: string; menu: string }) | null = null;

  constructor(icon: TrayIcon, clock: TrayClock = SYSTEM_CLOCK) {
    this.#icon = icon;
    this.#clock = clock;
  }

  get state(): TrayState {
    return this.#state;
  }

  update(change: Partial<TrayState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(() => {
      this.#isScheduled = false;
      this.#render();
    });
  }

  #render(): void {
    const entries = trayMenu(this.#state);
    const next = {
      lamp: lampOf(this.#state),
      isSafe: knownPower(this.#state)?.safeToCloseLid === true,
      tooltip: tooltipOf(this.#state, this.#clock.nowMs()),
      menu: JSON.stringify(entries),
    };
    const last = this.#shown;
    this.#shown = next;
    if (last?.lamp !== next.lamp || last.isSafe !== next.isSafe) this.#icon.show(next);
    if (last?.tooltip !== next.tooltip) this.#icon.tell(next.tooltip);
    if (last?.menu !== next.menu) this.#icon.offer(entries);
    this.#tellAgain();
  }
  /** How long something waits is told anew once a minute, and nothing ticks while nothing does. */
  #tellAgain(): void {
    if (this.#isCounting || !doesWait(this.#state)) return;
    this.#isCounting = true;
    this.#clock.inAMinute(() => {
      this.#isCounting = false;
      this.#render();
    });
  }
}
