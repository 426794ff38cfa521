import { toBase64url } from '../../../src/base/base64url.ts';
import { withDeadline } from '../../../src/base/deadline.ts';
import { pushSubscriptionSchema, type PushSubscriptionJson } from '../../../src/protocol/push.ts';
import { phonePush as words } from '../../strings/phone-push.ts';

/** A subscription as the browser has it, and the key of the host that it was made for. */
export interface OwnSubscription {
  readonly json: PushSubscriptionJson;
  /** VAPID, base64url; null: the browser does not say. */
  readonly key: string | null;
  end(): Promise<void>;
}

/** One of this app's notifications that can be seen now. */
export interface StandingNotice {
  readonly tag: string;
  readonly data: unknown;
  close(): void;
}

/** Where pushes of one host come to. */
export interface PushDoor {
  subscription(): Promise<OwnSubscription | null>;
  subscribe(key: string): Promise<OwnSubscription>;
  standing(): Promise<readonly StandingNotice[]>;
}

/** What the push part needs of the browser. */
export interface PushBrowser {
  readonly userAgent: string;
  /** How many buttons a notification may have here. */
  readonly maxActions: number;
  permission(): NotificationPermission;
  /** The service worker that is registered below `scope` (`''`: the page's own). */
  door(scope: string): Promise<PushDoor>;
}

/** A push service out of reach hangs some browsers for ever. */
const SUBSCRIBE_LIMIT_MS = 30_000;
const WORKER_LIMIT_MS = 20_000;

export function pushBrowser(page: Window & typeof globalThis): PushBrowser {
  const { navigator } = page;
  return {
    userAgent: navigator.userAgent,
    maxActions: Number(Reflect.get(page.Notification, 'maxActions') ?? 0),
    permission: () => page.Notification.permission,
    door: async (scope) => doorOf(await registered(navigator.serviceWorker, scope)),
  };
}

/** A registration that a page looks for. */
function doorOf(registration: ServiceWorkerRegistration): PushDoor {
  return {
    ...subscriptionsOf(registration.pushManager),
    standing: async () => await registration.getNotifications(),
  };
}

/** A page's, or the service worker's own. */
export function subscriptionsOf(pushManager: PushManager): Omit<PushDoor, 'standing'> {
  return {
    subscription: async () => {
      const known = await pushManager.getSubscription();
      return known === null ? null : owned(known);
    },
    subscribe: async (key) => {
      try {
        const options = { userVisibleOnly: true, applicationServerKey: key };
        const subscribing = pushManager.subscribe(options);
        return owned(await withDeadline(subscribing, SUBSCRIBE_LIMIT_MS, words.subscribing));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(words.noService(why), { cause: error });
      }
    },
  };
}

/** One subscription a registration, for one host's key: a second host has a registration of its own. */
async function registered(
  workers: ServiceWorkerContainer,
  scope: string,
): Promise<ServiceWorkerRegistration> {
  if (scope === '') return await withDeadline(workers.ready, WORKER_LIMIT_MS, words.starting);
  const registration = await workers.register('./sw.js', {
    scope: `./${scope}`,
    updateViaCache: 'none',
  });
  const starting = registration.installing ?? registration.waiting;
  if (registration.active === null && starting !== null)
    await withDeadline(untilActive(starting), WORKER_LIMIT_MS, words.starting);
  return registration;
}

async function untilActive(worker: ServiceWorker): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new Error(words.notStarted));
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

function owned(subscription: PushSubscription): OwnSubscription {
  const { applicationServerKey } = subscription.options;
  return {
    json: pushSubscriptionSchema.parse(subscription.toJSON()),
    key: applicationServerKey === null ? null : toBase64url(new Uint8Array(applicationServerKey)),
    end: async () => void (await subscription.unsubscribe()),
  };
}
