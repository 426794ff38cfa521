import type { MenuEntry } from './menu-entry.ts';
import { trayMenu } from './tray-menu.ts';
import type { Picture } from './tray-icon.ts';
import { initialTrayState, knownPower, lampOf, tooltipOf, type TrayState } from './tray-state.ts';

/** The platform's tray icon, as far as this file needs it. */
export interface TrayIcon {
  show(picture: Picture): void;
  tell(tooltip: string): void;
  /** Builds the menu anew: a Linux panel does not see changes inside one that it has read. */
  offer(menu: readonly MenuEntry[]): void;
}

/**
 * Holds what the tray shows. Every change ends in one idempotent render, at most once a tick, and
 * only what differs reaches the panel: a menu that is rebuilt while open closes under the hand.
 */
export class Tray {
  readonly #icon: TrayIcon;
  readonly #soon: (render: () => void) => void;
  #state: TrayState = initialTrayState;
  #isScheduled = false;
  #shown: (Picture & { tooltip: string; menu: string }) | null = null;

  constructor(icon: TrayIcon, soon: (render: () => void) => void = setImmediate) {
    this.#icon = icon;
    this.#soon = soon;
  }

  get state(): TrayState {
    return this.#state;
  }

  update(change: Partial<TrayState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#soon(() => {
      this.#isScheduled = false;
      this.#render();
    });
  }

  #render(): void {
    const entries = trayMenu(this.#state);
    const next = {
      lamp: lampOf(this.#state),
      isSafe: knownPower(this.#state)?.safeToCloseLid === true,
      tooltip: tooltipOf(this.#state),
      menu: JSON.stringify(entries),
    };
    const last = this.#shown;
    this.#shown = next;
    if (last?.lamp !== next.lamp || last.isSafe !== next.isSafe) this.#icon.show(next);
    if (last?.tooltip !== next.tooltip) this.#icon.tell(next.tooltip);
    if (last?.menu !== next.menu) this.#icon.offer(entries);
  }
}
