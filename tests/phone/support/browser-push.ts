import type { PushService } from '../../support/push-service.ts';
import type { NotifiedPhone } from './notified-phone.ts';

/**
 * `pushManager` of a browser whose push service is the test's: Chromium's own cannot be had without
 * the internet. What that service is given, opened, goes to this browser's service worker.
 */
export async function subscribeAt(service: PushService, notified: NotifiedPhone): Promise<void> {
  const { context } = notified.phone;
  await context.exposeFunction('testSubscribe', (key: string) => service.subscribe(key));
  await context.addInitScript(STUB);
  service.pushed.on(({ payload }) => {
    notified.push(payload).catch(() => {
      // The test is over.
    });
  });
}

/** Kept in the page's storage: a browser has its subscription after a reload too. */
const STUB = `(() => {
  const KEY = 'test.subscription';
  const made = () => {
    const kept = localStorage.getItem(KEY);
    if (kept === null) return null;
    const { json, key } = JSON.parse(kept);
    const bytes = Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return {
      endpoint: json.endpoint,
      options: { userVisibleOnly: true, applicationServerKey: bytes.buffer },
      toJSON: () => json,
      unsubscribe: async () => { localStorage.removeItem(KEY); return true; },
    };
  };
  PushManager.prototype.getSubscription = async () => made();
  PushManager.prototype.subscribe = async ({ applicationServerKey: key, userVisibleOnly }) => {
    if (userVisibleOnly !== true) throw new DOMException('silent', 'NotAllowedError');
    const known = localStorage.getItem(KEY);
    if (known !== null && JSON.parse(known).key !== key)
      throw new DOMException('another key', 'InvalidStateError');
    if (known === null) localStorage.setItem(KEY, JSON.stringify({ json: await testSubscribe(key), key }));
    return made();
  };
})();`;
