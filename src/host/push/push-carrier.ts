import { guardedPost, type Posted } from '../../outbound/guarded-post.ts';
import type { AttentionKind } from '../../protocol/attention.ts';
import type { PushPayload } from '../../protocol/push.ts';
import { deviceIdSchema, type DeviceId } from '../../protocol/relay.ts';
import type { Notice, Outlet } from '../attention/notice.ts';
import { carriedOf, type Carried, type Carrier } from '../courier/carrier.ts';
import type { DeviceRecord } from '../devices/device-record.ts';
import { showPayload, withdrawPayload, type PushHead } from './payload.ts';
import type { PushSealer } from './push-keys.ts';
import { serviceOf, type Subscribed } from './subscription-book.ts';

export const PUSH_LIMIT_MS = 10_000;
/**
 * Of everything the same: a withdrawal is kept at least as long as what it takes back, so that no
 * device that comes back late is shown what nobody asks any more.
 */
const TTL_SEC = 24 * 3_600;
const URGENT: ReadonlySet<AttentionKind> = new Set(['decision', 'question', 'machine', 'failed']);
const PLACE = 'device:';

export interface PushWire {
  /** Throws in words. */
  sealer(): Promise<PushSealer>;
  /** Which host, as a paired device knows it: SHA-256 of its sealing key, base64url. */
  hostId(): Promise<string>;
  allowHosts(): readonly string[];
  readonly post?: typeof guardedPost;
}

export function placeOf(device: DeviceId): string {
  return `${PLACE}${device}`;
}

/** null: it is no device's. */
export function deviceOf(place: string): DeviceId | null {
  if (!place.startsWith(PLACE)) return null;
  return deviceIdSchema.safeParse(place.slice(PLACE.length)).data ?? null;
}

/** Web push to one device, as its subscription is now. */
export class PushCarrier implements Carrier {
  readonly outlet: Outlet;
  readonly name: string;
  readonly #to: Subscribed & { readonly subscription: NonNullable<Subscribed['subscription']> };
  readonly #wire: PushWire;

  constructor(
    device: Pick<DeviceRecord, 'id' | 'name' | 'role' | 'lastSeenAt'>,
    to: Subscribed & { readonly subscription: NonNullable<Subscribed['subscription']> },
    wire: PushWire,
  ) {
    this.name = device.name;
    this.#to = to;
    this.#wire = wire;
    this.outlet = {
      ...{ place: placeOf(device.id), kind: 'push', role: device.role },
      kinds: to.kinds === undefined ? null : new Set(to.kinds),
      activeAtMs: device.lastSeenAt === null ? null : Date.parse(device.lastSeenAt),
    };
  }

  async show(notice: Notice, badge: number, isShort: boolean): Promise<Carried> {
    const mayDecide = this.#to.actions && this.outlet.role !== 'viewer';
    return await this.#push({
      payload: (head) => showPayload(notice, head, { mayDecide, isShort }),
      urgency: notice.loud || URGENT.has(notice.kind) ? 'high' : 'normal',
      topic: notice.id,
      badge,
    });
  }

  async withdraw(
    ids: readonly string[],
    badge: number,
    _sinceMs?: number,
    rounds?: readonly number[] | null,
  ): Promise<Carried> {
    const [only, another] = ids;
    return await this.#push({
      payload: (head) => withdrawPayload(ids, head, rounds),
      urgency: 'normal',
      // Where the push service still has the notice itself, this one takes its place.
      topic: only !== undefined && another === undefined ? only : [...ids].sort().join(' '),
      badge,
    });
  }

  async #push(what: {
    payload(head: PushHead): PushPayload;
    readonly urgency: 'normal' | 'high';
    readonly topic: string;
    readonly badge: number;
  }): Promise<Carried> {
    const { subscription } = this.#to;
    const sealer = await this.#wire.sealer();
    const head = { host: await this.#wire.hostId(), badge: what.badge };
    const { url, headers, body } = sealer.seal(subscription, what.payload(head), {
      ttlSec: TTL_SEC,
      urgency: what.urgency,
      topic: sealer.topicOf(what.topic),
    });
    const post = this.#wire.post ?? guardedPost;
    const allowHosts = this.#wire.allowHosts();
    const posted = await post({ url, headers, body, limitMs: PUSH_LIMIT_MS, allowHosts });
    return pushedOf(posted, serviceOf(subscription.endpoint));
  }
}

/** RFC 8030 §7.3 and what push services do: 404 and 410 are the end of a subscription. */
function pushedOf(posted: Posted, service: string): Carried {
  const status = posted.kind === 'answered' ? posted.status : null;
  switch (status) {
    case 404:
    case 410: {
      const problem = `${service} says that this device is not subscribed any more (${status}): open Porchlight there to be told again.`;
      return { kind: 'gone', status, problem };
    }
    case 401:
    case 403: {
      const problem = `${service} does not take this computer's signature (${status}): is its clock right? Else switch notifications off and on again on the device.`;
      return { kind: 'never', status, problem };
    }
    default:
      return carriedOf(posted, service);
  }
}
