import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Timers } from '../../../src/connection/timers.ts';
import { TAKE_OVER } from './messages.ts';

export interface AppVersion {
  /** The files are on the phone: it opens without a network. */
  readonly offlineReady: boolean;
  /** A newer version is here, whole, and takes over when asked or at the next open. */
  readonly updateReady: boolean;
}

const CHECK_EVERY_MS = 60 * 60_000;
const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;
const MAX_RETRIES = 20;
/**
 * A new version asks to take over once the old one has handed out the files of the page. Chromium 156
 * refuses to end a worker that is just answering, and asks it again after 30 s without work: the page
 * would be loaded anew in the middle of what the person does. At once, that was so in 8 of 17 opens;
 * a quarter of a second later in none of 14.
 */
const OPENED_MS = 1_000;

/** The page's side of the service worker. Without one (plain http) nothing of this happens. */
export class AppUpdates {
  readonly store: StoreApi<AppVersion> = createStore<AppVersion>(() => ({
    offlineReady: false,
    updateReady: false,
  }));
  readonly #workers: ServiceWorkerContainer | undefined;
  readonly #reload: () => void;
  readonly #after: Timers['after'];
  #registration: ServiceWorkerRegistration | null = null;
  #checkedAtMs = 0;

  constructor(
    workers: ServiceWorkerContainer | undefined,
    reload: () => void,
    after: Timers['after'],
  ) {
    this.#workers = workers;
    this.#reload = reload;
    this.#after = after;
  }

  async start(nowMs: number): Promise<void> {
    const workers = this.#workers;
    if (workers === undefined) return;
    let isServed = workers.controller !== null;
    workers.addEventListener('controllerchange', () => {
      // The first worker takes a page over that came from the network: the same version.
      if (isServed) this.#reload();
      isServed = true;
    });
    this.#checkedAtMs = nowMs;
    await this.#register(workers, 0);
    await workers.ready;
    this.store.setState({ offlineReady: true });
  }

  /** Cut off while it fetched its files, a first worker is thrown away: then another one is begun. */
  async #register(workers: ServiceWorkerContainer, failures: number): Promise<void> {
    const again = (): void => {
      // A browser that will not have a worker says no each time.
      if (failures < MAX_RETRIES)
        this.#after(Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS), () => {
          void this.#register(workers, failures + 1);
        });
    };
    let registration: ServiceWorkerRegistration;
    try {
      registration = await workers.register('./sw.js', { updateViaCache: 'none' });
    } catch {
      return again();
    }
    this.#registration = registration;
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'redundant' && registration.active === null) again();
    });
    registration.addEventListener('updatefound', () => this.#watch(registration.installing));
    this.#watch(installing);
    if (registration.waiting !== null)
      this.#after(OPENED_MS, () => registration.waiting?.postMessage(TAKE_OVER.ifAlone));
    this.#look();
  }

  /** The person looks at the page again: an hour is often enough to ask for a newer one. */
  check(nowMs: number): void {
    if (this.#registration === null || nowMs - this.#checkedAtMs < CHECK_EVERY_MS) return;
    this.#checkedAtMs = nowMs;
    // Offline, or the server is away: the next look asks again.
    this.#registration.update().catch(() => {});
  }

  /** The button "Update". The page reloads once the new version is in charge. */
  update(): void {
    this.#registration?.waiting?.postMessage(TAKE_OVER.always);
  }

  #watch(worker: ServiceWorker | null): void {
    worker?.addEventListener('statechange', () => this.#look());
  }

  #look(): void {
    this.store.setState({ updateReady: (this.#registration?.waiting ?? null) !== null });
  }
}
