import type { Timers } from '../../connection/timers.ts';
import { Emitter } from '../../base/emitter.ts';
import { type Lock, NotHeld } from '../platform.ts';
import { type Bus, BusFailure, type BusObject } from './bus.ts';
import { Takes } from './takes.ts';

/** A desktop's own way to be asked not to sleep. */
export interface InhibitService {
  readonly of: BusObject;
  readonly inhibit: string;
  readonly uninhibit: string;
  readonly signature: string;
  arguments(why: string): readonly unknown[];
}

const WHO = 'Porchlight';
/** PowerDevil waits 5 s before it takes a request up, and so do we before we complain. */
const SETTLE_MS = 6_000;
const NO_WINDOW = 0;
/** GNOME's flag for "do not suspend"; it says nothing about the screen, which may lock. */
export const GSM_SUSPEND = 4;

/** GNOME, Cinnamon, MATE, Budgie: their power daemons ask it before they sleep for idleness. */
export const SESSION_MANAGER: InhibitService = {
  of: {
    name: 'org.gnome.SessionManager',
    path: '/org/gnome/SessionManager',
    iface: 'org.gnome.SessionManager',
  },
  inhibit: 'Inhibit',
  uninhibit: 'Uninhibit',
  signature: 'susu',
  arguments: (why) => [WHO, NO_WINDOW, why, GSM_SUSPEND],
};

/** KDE's PowerDevil, XFCE's and LXQt's power managers. */
export const POWER_MANAGEMENT: InhibitService = {
  of: {
    name: 'org.freedesktop.PowerManagement',
    path: '/org/freedesktop/PowerManagement/Inhibit',
    iface: 'org.freedesktop.PowerManagement.Inhibit',
  },
  inhibit: 'Inhibit',
  uninhibit: 'UnInhibit',
  signature: 'ss',
  arguments: (why) => [WHO, why],
};

/** A number that a service of the desktop gave us, which it forgets when our connection or itself is gone. */
export class BusInhibit implements Lock {
  readonly name: string;
  readonly #bus: Bus;
  readonly #timers: Timers;
  readonly #settled: () => void;
  readonly #service: InhibitService;
  readonly #lost = new Emitter<void>();
  readonly #takes = new Takes();
  #cookie: unknown = null;
  #stopWaiting: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  /** `settled` is told when it was held for long enough to be in effect. */
  constructor(
    bus: Bus,
    service: InhibitService,
    { timers, settled }: { readonly timers: Timers; readonly settled: () => void },
  ) {
    this.#bus = bus;
    this.#timers = timers;
    this.#settled = settled;
    this.#service = service;
    this.name = `${service.of.name} suspend`;
  }

  get isHeld(): boolean {
    return this.#cookie !== null;
  }

  /** The service may not have taken it up yet. */
  get isFresh(): boolean {
    return this.#stopWaiting !== null;
  }

  readonly onLost = (listener: () => void): void => {
    this.#lost.on(listener);
  };

  async take(why: string): Promise<void> {
    await this.#takes.take(
      () => this.#cookie !== null,
      async (isLetGo) => await this.#take(why, isLetGo),
    );
  }

  async letGo(): Promise<void> {
    this.#takes.letGo();
    const cookie = this.#cookie;
    this.#forget();
    if (cookie !== null) await this.#giveBack(cookie);
  }

  async #take(why: string, isLetGo: () => boolean): Promise<void> {
    const { of, inhibit, signature } = this.#service;
    let cookie: unknown;
    try {
      [cookie] = await this.#bus.call(of, inhibit, signature, this.#service.arguments(why));
    } catch (error) {
      throw new NotHeld(
        `The desktop did not take the request to stay awake (${reasonOf(error)}).`,
        'Log out of the desktop and in again if it stays so.',
      );
    }
    if (isLetGo()) {
      await this.#giveBack(cookie);
      throw new NotHeld('The request to stay awake was let go while it was made.');
    }
    this.#cookie = cookie ?? 0;
    this.#stopWaiting = this.#timers.after(SETTLE_MS, () => {
      this.#stopWaiting = null;
      this.#settled();
    });
    this.#listen();
  }

  #listen(): void {
    const lose = (): void => {
      if (this.#cookie === null) return;
      this.#forget();
      this.#lost.emit();
    };
    const ends = [
      this.#bus.onConnection((isUp) => {
        if (!isUp) lose();
      }),
      this.#bus.listen(
        {
          sender: 'org.freedesktop.DBus',
          iface: 'org.freedesktop.DBus',
          member: 'NameOwnerChanged',
          arg0: this.#service.of.name,
        },
        lose,
      ),
    ];
    this.#stopListening = () => {
      for (const end of ends) end();
    };
  }

  #forget(): void {
    this.#cookie = null;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** A service that is gone, or does not know the number, holds nothing for us. */
  async #giveBack(cookie: unknown): Promise<void> {
    const { of, uninhibit } = this.#service;
    try {
      await this.#bus.call(of, uninhibit, 'u', [cookie]);
    } catch (error) {
      if (!(error instanceof BusFailure)) throw error;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
