import { z } from 'zod';
import { Emitter } from '../../base/emitter.ts';
import { ATTENTION_KINDS } from '../../protocol/attention.ts';
import { MAX_DEVICES } from '../../protocol/devices.ts';
import { pushSubscriptionSchema, type PushState } from '../../protocol/push.ts';
import { deviceIdSchema, type DeviceId } from '../../protocol/relay.ts';
import { readPrivate, writePrivate } from '../devices/private-file.ts';

const subscribedSchema = z.object({
  device: deviceIdSchema,
  /** null: it was removed, and `problem` says why. */
  subscription: pushSubscriptionSchema.nullable(),
  /** The host's key that it was made with: it is good for no other. */
  serverKey: z.string().max(100),
  actions: z.boolean(),
  silent: z.boolean(),
  kinds: z.array(z.enum(ATTENTION_KINDS)).optional(),
  since: z.iso.datetime(),
  lastAt: z.iso.datetime().nullable(),
  problem: z.string().max(400).nullable(),
});
export type Subscribed = z.infer<typeof subscribedSchema>;

const fileSchema = z.object({
  version: z.literal(1),
  devices: z.array(subscribedSchema).max(MAX_DEVICES),
});

export interface SubscriptionBookNeeds {
  /** `push.json`. */
  readonly path: string;
  now(): Date;
}

/**
 * Where devices are pushed to, in a file of its own: an endpoint lets whoever has it send, so it is
 * kept like a key. Read at first need. A file that cannot be trusted is as none, and says so.
 */
export class SubscriptionBook {
  /** Of a device; what others see of it is another. */
  readonly changed = new Emitter<DeviceId>();
  readonly #needs: SubscriptionBookNeeds;
  #devices: readonly Subscribed[] | null = null;
  #trouble: string | null = null;

  constructor(needs: SubscriptionBookNeeds) {
    this.#needs = needs;
  }

  get trouble(): string | null {
    this.all();
    return this.#trouble;
  }

  all(): readonly Subscribed[] {
    if (this.#devices !== null) return this.#devices;
    this.#devices = [];
    try {
      const text = readPrivate(this.#needs.path);
      if (text !== null) this.#devices = parse(this.#needs.path, text);
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
    return this.#devices;
  }

  find(device: DeviceId): Subscribed | null {
    return this.all().find((each) => each.device === device) ?? null;
  }

  /** As it may be pushed to now; null: not. */
  live(device: DeviceId): (Subscribed & { subscription: object }) | null {
    const found = this.find(device);
    if (found === null || found.subscription === null || this.#isExpired(found)) return null;
    return { ...found, subscription: found.subscription };
  }

  /** Takes the place of the device's earlier one, and of the same one under another device. */
  put(wanted: Omit<Subscribed, 'since' | 'lastAt' | 'problem'>): void {
    if (this.trouble !== null) throw new Error(this.#trouble ?? '');
    const before = this.find(wanted.device);
    const endpoint = wanted.subscription?.endpoint;
    const isSame = endpoint !== undefined && before?.subscription?.endpoint === endpoint;
    const fresh: Subscribed = {
      ...wanted,
      since: isSame ? before.since : this.#needs.now().toISOString(),
      lastAt: before?.lastAt ?? null,
      problem: isSame ? before.problem : null,
    };
    // A browser that was paired anew is another device, with the same subscription.
    const others = this.all().filter(
      (each) => each.device !== wanted.device && each.subscription?.endpoint !== endpoint,
    );
    const moved = this.all().filter((each) => !others.includes(each) && each !== before);
    this.#write([...others, fresh]);
    for (const { device } of [...moved, fresh]) this.changed.emit(device);
  }

  /** Nothing is left of them, whatever else can be written. */
  remove(devices: readonly DeviceId[]): void {
    const left = this.all().filter(({ device }) => !devices.includes(device));
    if (left.length === this.all().length) return;
    this.#write(left);
    for (const device of devices) this.changed.emit(device);
  }

  /** The push service does not know it any more. */
  ended(device: DeviceId, problem: string): void {
    this.#change(device, { subscription: null, problem, since: this.#needs.now().toISOString() });
  }

  /** The host's key is this one now: what was made with another no push service takes from it. */
  keepOnly(serverKey: string): void {
    const problem =
      'This computer has another key than before: open Porchlight there to be told again.';
    for (const { device, subscription, serverKey: its } of this.all())
      if (subscription !== null && its !== serverKey) this.ended(device, problem);
  }

  /** A push service took one. Written down when it mended something; else with the next change. */
  handed(device: DeviceId, atMs: number): void {
    const known = this.find(device);
    if (known === null) return;
    const lastAt = new Date(atMs).toISOString();
    if (known.problem === null) {
      this.#devices = this.all().map((each) => (each === known ? { ...each, lastAt } : each));
      return;
    }
    this.#change(device, { lastAt, problem: null, since: lastAt });
  }

  failed(device: DeviceId, problem: string): void {
    const known = this.find(device);
    if (known === null || known.problem === problem) return;
    const since = known.problem === null ? this.#needs.now().toISOString() : known.since;
    this.#change(device, { problem, since });
  }

  /** As surfaces see it; null: the device did not ask to be told. */
  stateOf(device: DeviceId): PushState | null {
    const known = this.find(device);
    if (known === null) return null;
    const { subscription, since, lastAt } = known;
    const isExpired = this.#isExpired(known);
    const problem = isExpired ? 'The subscription has run out.' : known.problem;
    const isOff = subscription === null || isExpired;
    return {
      state: isOff ? 'off' : problem === null ? 'on' : 'failing',
      ...{ since, lastAt, problem },
      service: subscription === null ? null : serviceOf(subscription.endpoint),
    };
  }

  #isExpired({ subscription }: Subscribed): boolean {
    const atMs = subscription?.expirationTime ?? null;
    return atMs !== null && atMs <= this.#needs.now().getTime();
  }

  #change(device: DeviceId, fields: Partial<Subscribed>): void {
    const known = this.find(device);
    if (known === null) return;
    this.#write(this.all().map((each) => (each === known ? { ...each, ...fields } : each)));
    this.changed.emit(device);
  }

  #write(devices: readonly Subscribed[]): void {
    this.#devices = devices;
    // What cannot be trusted is left for its owner to look at.
    if (this.#trouble !== null) return;
    // Where that fails it holds until the host ends.
    writePrivate(this.#needs.path, JSON.stringify({ version: 1, devices }));
  }
}

/** Host name of the push service: all of an endpoint that may be shown or logged. */
export function serviceOf(endpoint: string): string {
  return new URL(endpoint).hostname.slice(0, 260);
}

function parse(path: string, text: string): Subscribed[] {
  try {
    return fileSchema.parse(JSON.parse(text)).devices;
  } catch {
    // What is in it must not get into an error or the log.
    throw new Error(
      `${path} is damaged, so that no device is pushed to: move it away, and let your devices ask for notifications anew.`,
    );
  }
}
