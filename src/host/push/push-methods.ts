import { destinationOf } from '../../outbound/destination.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { PushState, PushSubscriptionJson } from '../../protocol/push.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { Handlers } from '../api/handlers.ts';
import type { DeviceBook } from '../devices/device-book.ts';
import { withdrawPayload } from './payload.ts';
import type { PushSealer } from './push-keys.ts';
import { serviceOf, type SubscriptionBook } from './subscription-book.ts';

export type PushMethods = Pick<
  Handlers,
  'push.key' | 'push.subscribe' | 'push.unsubscribe' | 'push.state'
>;
type Surface = Parameters<PushMethods['push.state']>[1];

export interface PushMethodsNeeds {
  readonly subscriptions: SubscriptionBook;
  readonly devices: Pick<DeviceBook, 'find'>;
  /** Throws in words. */
  sealer(): Promise<PushSealer>;
  allowHosts(): readonly string[];
  /** Writes into the audit log who changed what. */
  note(by: string, what: Readonly<Record<string, unknown>>): void;
  /** A device can be pushed to, or cannot any more. */
  changed(device: DeviceId): void;
}

/** What a device says about being pushed to, always of itself alone. */
export function pushMethods(needs: PushMethodsNeeds): PushMethods {
  const { subscriptions, devices, allowHosts, note, changed } = needs;
  const sealer = async (): Promise<PushSealer> => {
    try {
      return await needs.sealer();
    } catch (error) {
      throw new RpcFailure('refused', messageOf(error));
    }
  };
  const live = (device: DeviceId): PushState | null =>
    subscriptions.live(device) === null ? null : subscriptions.stateOf(device);
  return {
    'push.key': async () => ({ key: (await sealer()).publicKey }),
    'push.subscribe': async ({ subscription, actions, silent, kinds }, surface) => {
      const device = deviceOf(surface);
      const service = checked(subscription, allowHosts());
      const { publicKey, seal } = await sealer();
      try {
        const topic = 'none';
        seal(subscription, withdrawPayload([], { host: '', badge: 0 }), {
          ...{ ttlSec: 0, urgency: 'normal', topic },
        });
      } catch {
        throw new RpcFailure('refused', `The keys of the subscription at ${service} are none.`);
      }
      // It may have been revoked while the keys were loaded.
      if (devices.find(device) === null)
        throw new RpcFailure('refused', 'This device is not paired any more.');
      const before = subscriptions.live(device)?.subscription;
      try {
        subscriptions.put({
          ...{ device, subscription, actions, silent, serverKey: publicKey },
          ...(kinds !== undefined && { kinds }),
        });
      } catch (error) {
        throw new RpcFailure('refused', `The subscription was not kept: ${messageOf(error)}`);
      }
      if (before?.endpoint !== subscription.endpoint)
        note(surface.surface, { subscribed: device, service });
      changed(device);
      const push = subscriptions.stateOf(device);
      if (push === null) throw new Error('A subscription is gone right after it was put down.');
      return { push };
    },
    'push.unsubscribe': (_, surface) => {
      const device = deviceOf(surface);
      if (subscriptions.find(device) !== null) {
        subscriptions.remove([device]);
        note(surface.surface, { unsubscribed: device });
        changed(device);
      }
      return {};
    },
    'push.state': (_, surface) => ({
      push: surface.device === null ? null : live(surface.device.id),
    }),
  };
}

function deviceOf({ device }: Surface): DeviceId {
  if (device !== null) return device.id;
  throw new RpcFailure(
    'refused',
    'Only a paired device is pushed to; on this machine the tray app shows notifications.',
  );
}

/** Host name of the push service. Throws an {@link RpcFailure} where it must not be pushed to. */
function checked({ endpoint }: PushSubscriptionJson, allowHosts: readonly string[]): string {
  const destination = destinationOf(endpoint, allowHosts);
  if ('problem' in destination) throw new RpcFailure('refused', destination.problem);
  // Google's way before VAPID: it wants a key that nobody gets any more.
  if (endpoint.startsWith('https://android.googleapis.com/gcm/'))
    throw new RpcFailure('refused', 'This browser is too old to be pushed to: update it.');
  return serviceOf(endpoint);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
