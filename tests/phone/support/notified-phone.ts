import type { CDPSession, Worker } from 'playwright-core';
import type { PushPayload, PushSubscriptionJson } from '../../../src/protocol/push.ts';
import { eventually } from '../../integration/support/host-under-test.ts';
import type { Phone } from './phone.ts';

/** A notification as it stands on the phone. */
export interface Standing {
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly silent: boolean | null;
  readonly actions: readonly string[];
}

interface Registration {
  readonly registrationId: string;
  readonly scopeURL: string;
  readonly isDeleted: boolean;
}

interface Version {
  readonly versionId: string;
  readonly registrationId: string;
  readonly runningStatus: string;
  readonly status: string;
}

const LIMIT_MS = 30_000;
/** After something came or went. */
const QUIET_MS = 80;
const APPEARS_MS = 500;
/** What a push shows, it shows so soon. */
const SHOWN_LIMIT_MS = 3_000;
const pause = async (ms: number): Promise<void> =>
  void (await new Promise((resolve) => setTimeout(resolve, ms)));

/** What the page says of this phone's hosts: by their keys, as pushes name them. */
const HOST_IDS = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('porchlight');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('hosts').objectStore('hosts').getAllKeys();
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
  };
})`;

/** The service worker of a paired phone, as the browser and its push service see it. */
export class NotifiedPhone {
  readonly phone: Phone;
  readonly origin: string;
  readonly hostId: string;
  readonly #cdp: CDPSession;
  readonly #registrations = new Map<string, Registration>();
  readonly #versions = new Map<string, Version>();
  /** How often something came or went. */
  #changes = 0;
  #changedAtMs = 0;

  private constructor(phone: Phone, cdp: CDPSession, origin: string, hostId: string) {
    this.phone = phone;
    this.origin = origin;
    this.hostId = hostId;
    this.#cdp = cdp;
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      for (const each of registrations) this.#registrations.set(each.registrationId, each);
    });
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      for (const each of versions) this.#versions.set(each.versionId, each);
    });
  }

  /** The person allows notifications, in the browser's own settings; the app is still open. */
  static async of(phone: Phone): Promise<NotifiedPhone> {
    const { context, page } = phone;
    const origin = new URL(page.url()).origin;
    await context.grantPermissions(['notifications'], { origin });
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    const [hostId] = (await page.evaluate(HOST_IDS)) as string[];
    if (hostId === undefined) throw new Error('This phone is not paired.');
    // Of a page that stays, whatever becomes of the app's.
    const aside = await context.newPage();
    const cdp = await context.newCDPSession(aside);
    const notified = new NotifiedPhone(phone, cdp, origin, hostId);
    await cdp.send('ServiceWorker.enable');
    cdp.on('BackgroundService.backgroundServiceEventReceived', () => notified.#changed());
    await cdp.send('BackgroundService.startObserving', { service: 'notifications' });
    await cdp.send('BackgroundService.setRecording', {
      shouldRecord: true,
      service: 'notifications',
    });
    await notified.#registered('/');
    return notified;
  }

  /** As the browser gives what its push service brings, opened: text as it is, an object as JSON. */
  async push(payload: string | Partial<PushPayload>, scope = '/'): Promise<void> {
    const { registrationId } = await this.#registered(scope);
    const data = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const seen = this.#changes;
    await this.#cdp.send('ServiceWorker.deliverPushMessage', {
      ...{ origin: this.origin, registrationId, data },
    });
    // Not every push shows something.
    const endMs = Date.now() + SHOWN_LIMIT_MS;
    while (this.#changes === seen && Date.now() < endMs) await pause(QUIET_MS / 4);
  }

  /** The app's own. */
  async worker(): Promise<Worker> {
    return await eventually(async () => {
      for (const worker of this.phone.context.serviceWorkers().toReversed()) {
        const answers = await Promise.race([
          // A second host has a worker of its own.
          worker.evaluate(`registration.scope === '${this.origin}/'`).catch(() => false),
          new Promise((resolve) => setTimeout(resolve, 1_000, false)),
        ]);
        if (answers === true) return worker;
      }
      return null;
    }, LIMIT_MS);
  }

  async standing(): Promise<Standing[]> {
    while (Date.now() - this.#changedAtMs < QUIET_MS) await pause(QUIET_MS / 4);
    const worker = await this.worker();
    return (await worker.evaluate(`registration.getNotifications().then((all) => all.map(
      ({ tag, title, body, silent, actions }) =>
        ({ tag, title, body, silent, actions: actions.map(({ action }) => action) })))`)) as Standing[];
  }

  /**
   * Looks when something came or went, and a moment later: Chromium 156 forgets a notification that it
   * is asked for in the moment in which it appears.
   */
  async until<T>(pick: (standing: Standing[]) => T | null, limitMs = LIMIT_MS): Promise<T> {
    const endMs = Date.now() + limitMs;
    // What is about to appear is waited for: asked just then, it would be forgotten for good.
    const before = this.#changes;
    const lookMs = Date.now() + APPEARS_MS;
    while (this.#changes === before && Date.now() < lookMs) await pause(QUIET_MS / 4);
    for (;;) {
      const seen = this.#changes;
      const last = await this.standing();
      const picked = pick(last);
      if (picked !== null) return picked;
      while (this.#changes === seen && Date.now() < endMs) await pause(QUIET_MS / 4);
      if (Date.now() >= endMs) throw new Error(`On the phone stands ${JSON.stringify(last)}.`);
    }
  }

  async untilBody(body: string | RegExp, limitMs?: number): Promise<Standing> {
    const fits = ({ body: own }: Standing): boolean =>
      typeof body === 'string' ? own === body : body.test(own);
    return await this.until((all) => all.find(fits) ?? null, limitMs);
  }

  /**
   * Taps a notification, or one of its buttons, as often as said: the events that the browser makes
   * of taps, in the worker. Resolves when the worker is done with them.
   */
  async tap(tag: string, action = '', times = 1): Promise<void> {
    await this.begin(tag, action, times);
    await (await this.worker()).evaluate('Promise.all(self.tapped)');
  }

  /** As {@link tap}, and does not wait. */
  async begin(tag: string, action = '', times = 1): Promise<void> {
    const worker = await this.worker();
    await worker.evaluate(`registration.getNotifications({ tag: ${JSON.stringify(tag)} }).then(([notification]) => {
      self.tapped = [];
      for (let i = 0; i < ${times}; i += 1) {
        const event = new NotificationEvent('notificationclick', { notification, action: ${JSON.stringify(action)} });
        Object.defineProperty(event, 'waitUntil', { value: (work) => self.tapped.push(work) });
        self.dispatchEvent(event);
      }
    })`);
  }

  /** The browser has another subscription than before, and tells the worker; resolves when that is done. */
  async changeSubscription(subscription: PushSubscriptionJson): Promise<void> {
    await (
      await this.worker()
    ).evaluate(`(async () => {
      const json = ${JSON.stringify(subscription)};
      PushManager.prototype.getSubscription = async () =>
        ({ endpoint: json.endpoint, options: { applicationServerKey: null }, toJSON: () => json });
      const works = [];
      const event = new Event('pushsubscriptionchange');
      event.waitUntil = (work) => works.push(work);
      self.dispatchEvent(event);
      await Promise.all(works);
    })()`);
  }

  /**
   * Meanwhile the worker has no room to write anything. Said by the test: Chromium 156 looks every 30 s
   * only how much a database may still grow, so that an override of its quota is slow to be felt.
   */
  async withFullStorage(act: () => Promise<void>): Promise<void> {
    const worker = await this.worker();
    await worker.evaluate(`(() => {
      const { put } = IDBObjectStore.prototype;
      self.makeRoom = () => { IDBObjectStore.prototype.put = put; };
      IDBObjectStore.prototype.put = () => { throw new DOMException('No room.', 'QuotaExceededError'); };
    })()`);
    try {
      await act();
    } finally {
      await worker.evaluate('self.makeRoom()');
    }
  }

  /** The person puts all of them away. */
  async clear(): Promise<void> {
    await this.standing();
    await (
      await this.worker()
    ).evaluate('registration.getNotifications().then((all) => all.forEach((one) => one.close()))');
    await this.until((all) => (all.length === 0 ? true : null));
  }

  /** As the system ends a worker, in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#cdp.send('ServiceWorker.stopAllWorkers');
  }

  #changed(): void {
    this.#changes += 1;
    this.#changedAtMs = Date.now();
  }

  async #registered(scope: string): Promise<Registration> {
    return await eventually(async () => {
      const all = [...this.#registrations.values()].filter(({ isDeleted }) => !isDeleted);
      const found = all.find(({ scopeURL }) => scopeURL === `${this.origin}${scope}`);
      const isActive = [...this.#versions.values()].some(
        ({ registrationId, status }) =>
          registrationId === found?.registrationId && status === 'activated',
      );
      return found !== undefined && isActive ? found : null;
    }, LIMIT_MS);
  }
}
