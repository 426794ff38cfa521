import type { StoreApi } from 'zustand/vanilla';
import type { HostLink } from '../../state/host-link.ts';
import type { Database } from '../store/database.ts';
import type { Room } from '../store/room.ts';
import type { StoredHost } from '../store/schema.ts';
import type { PushPart } from './lazy-push.ts';
import { pushBrowser } from './push-browser.ts';
import type { PushView } from './push-here.ts';
import { endSubscription, HostPush } from './push-part.ts';
import { PushStore } from './push-store.ts';

/** What a page has that pushes are made of. Loaded with all that it takes when it is first needed. */
export interface PushPage {
  readonly page: Window & typeof globalThis;
  readonly database: Database;
  readonly room: Room;
}

export function openPush(
  { page, database, room }: PushPage,
  { hostId, grant }: StoredHost,
  link: HostLink,
  store: StoreApi<PushView>,
): PushPart {
  return new HostPush({
    hostId,
    device: grant.device,
    pushes: new PushStore(database, room),
    browser: pushBrowser(page),
    store,
    call: async (method, params, limitMs) => await link.call(method, params, limitMs),
    isUp: () => link.isUp,
  });
}

/** The browser takes no more pushes of this host. */
export async function endPush({ page, database, room }: PushPage, hostId: string): Promise<void> {
  // Where there is no push there is nothing to end.
  if (!('PushManager' in page)) return;
  const known = await new PushStore(database, room).get(hostId);
  await endSubscription(known, { browser: pushBrowser(page) });
}
