import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NotifyTest } from '../../../src/protocol/push.ts';
import type { Surroundings } from '../pairing/surroundings.ts';
import type { PushHere, PushView } from './push-here.ts';

/** What the loaded part does; it sets the store itself. */
export type PushPart = Omit<PushHere, 'store'>;

/** What this browser can, without asking anybody. */
export function canPush(page: Window, { ios, installed, secure }: Surroundings): PushView['can'] {
  if (!secure) return 'insecure';
  if (ios && !installed) return 'installFirst';
  const hasAll = 'serviceWorker' in page.navigator && 'PushManager' in page;
  return hasAll && 'Notification' in page ? 'yes' : 'never';
}

/** Loads what it takes when it is first needed: not before the first screen is up. */
export class LazyPush implements PushHere {
  readonly store: StoreApi<PushView>;
  readonly #ask: () => Promise<NotificationPermission>;
  readonly #load: (store: StoreApi<PushView>) => Promise<PushPart>;
  #part: Promise<PushPart> | null = null;

  /** `page`: its window, where it can push. */
  constructor(
    can: PushView['can'],
    page: Pick<typeof globalThis, 'Notification'>,
    load: (store: StoreApi<PushView>) => Promise<PushPart>,
  ) {
    this.#load = load;
    this.#ask = async () => await page.Notification.requestPermission();
    const permission = can === 'yes' ? page.Notification.permission : 'default';
    this.store = createStore<PushView>(() => ({
      ...{ can, permission, wanted: null, isOn: false, kinds: null },
      ...{ atHost: null, isBusy: false, problem: null },
    }));
  }

  turnOn: PushHere['turnOn'] = async (kinds) => {
    const { can, permission } = this.store.getState();
    // Before anything is awaited: browsers take the question only with the tap.
    if (can === 'yes' && permission === 'default') await this.#ask();
    await (await this.#loaded())?.turnOn(kinds);
  };
  turnOff: PushHere['turnOff'] = async () => await (await this.#loaded())?.turnOff();
  decline: PushHere['decline'] = async () => await (await this.#loaded())?.decline();
  look: PushHere['look'] = async () => await (await this.#loaded())?.look();

  async test(): Promise<NotifyTest> {
    const part = await this.#loaded();
    const problem = this.store.getState().problem;
    return (await part?.test()) ?? { ok: false, status: null, tookMs: 0, problem };
  }

  /** null: there is no push here, or its part could not be had. */
  async #loaded(): Promise<PushPart | null> {
    if (this.store.getState().can !== 'yes') return null;
    this.#part ??= this.#load(this.store);
    try {
      return await this.#part;
    } catch (error) {
      // The next call tries again.
      this.#part = null;
      const problem = error instanceof Error ? error.message : String(error);
      this.store.setState({ problem });
      return null;
    }
  }
}
