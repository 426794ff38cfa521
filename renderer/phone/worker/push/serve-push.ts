import { Database } from '../../store/database.ts';
import { Hosts } from '../../store/hosts.ts';
import { Room } from '../../store/room.ts';
import { PushStore } from '../../push/push-store.ts';
import { DECIDER, type Decider } from '../decide/decider.ts';
import { Arriving } from './arriving.ts';
import { keptPictures } from './pictures.ts';
import { Tapping } from './tapping.ts';
import type { PushScope } from './worker-world.ts';

/** Shows what hosts push, and does what a person taps there. `later`: the file of the {@link Decider}. */
export function servePush(
  scope: PushScope & { readonly caches: Pick<CacheStorage, 'match'> },
  later: string,
): void {
  const root = new URL('.', scope.location.href).href;
  const database = new Database();
  const room = new Room(database);
  const nowMs = (): number => Date.now();
  const hosts = new Hosts(database, room, nowMs);
  const pushes = new PushStore(database, room);
  const pictures = keptPictures(scope.caches, root);
  const after = (delayMs: number, run: () => void): void => void setTimeout(run, delayMs);
  const arriving = new Arriving({ scope, hosts, pushes, pictures, nowMs, after });
  const decider = (): Decider => {
    // Installed with this worker, and run when it is first needed.
    if (Reflect.get(globalThis, DECIDER) === undefined) scope.importScripts(later);
    // Our own script has just put it there.
    return Reflect.get(globalThis, DECIDER) as Decider;
  };
  const tapping = new Tapping({
    ...{ scope, root, pushes, decider, nowMs },
    show: async ({ title, options }) =>
      await scope.registration.showNotification(title, { ...options, ...(await pictures()) }),
  });

  // One after the other: the same push twice must not be new twice.
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener('push', (event) => {
    last = last.then(async () => await arriving.push(event.data));
    event.waitUntil(last);
  });
  scope.addEventListener('notificationclick', (event) => event.waitUntil(tapping.tapped(event)));
  scope.addEventListener('pushsubscriptionchange', (event) =>
    event.waitUntil(
      (async () => {
        const below = scope.registration.scope.slice(root.length);
        for (const { scope: own, hostId, wanted } of await pushes.all())
          if (own === below && wanted === true) await decider().renew(hostId);
      })(),
    ),
  );
}
