import { z } from 'zod';
import type { PushDoor } from '../../push/push-browser.ts';
import type { PushStore } from '../../push/push-store.ts';
import { mustShowEachPush } from '../../push/surely-shown.ts';
import type { Talk } from './host-talk.ts';

export interface RenewNeeds {
  readonly door: Omit<PushDoor, 'standing'>;
  readonly pushes: Pick<PushStore, 'get' | 'change'>;
  talk<T>(work: (talk: Talk) => Promise<T>): Promise<T>;
  readonly maxActions: number;
  readonly userAgent: string;
}

/**
 * Another subscription in place of one that the browser gave up. Where the host cannot be told now,
 * the next page that connects finds that it knows an old one, and tells it.
 */
export async function renewSubscription(hostId: string, needs: RenewNeeds): Promise<void> {
  const { door, pushes, talk, maxActions, userAgent } = needs;
  const { told, kinds } = await pushes.get(hostId);
  if (told === null) return;
  const { key } = told;
  const own = (await door.subscription()) ?? (await door.subscribe(key));
  const { endpoint } = own.json;
  if (endpoint === told.endpoint) return;
  const params = {
    subscription: own.json,
    actions: maxActions >= 2,
    silent: !mustShowEachPush(userAgent),
    ...(kinds !== null && { kinds }),
  };
  await talk(async ({ ask }) => await ask('push.subscribe', params, z.object({})));
  await pushes.change(hostId, () => ({ told: { endpoint, key } }));
}
