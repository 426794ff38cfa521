import type { Logger } from '../../base/log.ts';
import { Peer } from '../../connection/peer.ts';
import type { Transport } from '../../connection/transport.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import {
  methods,
  notifications,
  type MethodName,
  type NotificationName,
  type NotificationParams,
  type SurfaceNotificationName,
} from '../../protocol/methods.ts';
import { ROLES, type Role } from '../../protocol/devices.ts';
import { byOfDevice, byOfLocal } from '../devices/by-device.ts';
import { StoreFull } from '../event-log/store.ts';
import { UnackedWindow } from '../subscriptions/unacked-window.ts';
import type { Handlers } from './handlers.ts';

/** A surface says hello at once; one that does not holds a place for nothing. */
const HELLO_LIMIT_MS = 15_000;

/** Each answer may carry a tail of a megabyte. */
const MAX_FOLLOWED = 256;

/** What a connection holds open, ended with it. */
export interface Subscription {
  acknowledge?(seq: number): void;
  close(): void;
}

/** The paired device at the other end. */
export interface RemoteDevice {
  readonly id: DeviceId;
  readonly name: string;
}

export type SurfaceNotice = {
  [N in SurfaceNotificationName]: { readonly name: N; readonly params: NotificationParams<N> };
}[Exclude<SurfaceNotificationName, 'session.ack'>];

export interface SurfaceNeeds {
  readonly handlers: Handlers;
  readonly logger: Logger;
  readonly role: Role;
  /** null: a surface of this machine. */
  readonly device: RemoteDevice | null;
  /** What the surface says unasked, but for acknowledgements. */
  heard(connection: SurfaceConnection, notice: SurfaceNotice): void;
  closed(connection: SurfaceConnection): void;
}

/** One surface on the line: hello first, every parameter parsed, every right checked. */
export class SurfaceConnection {
  /** Of all sessions that it follows. */
  readonly window = new UnackedWindow();
  readonly #needs: SurfaceNeeds;
  readonly #peer: Peer;
  readonly #sessions = new Map<SessionId, Subscription>();
  readonly #held = new Map<string, Subscription>();
  #desk: Subscription | null = null;
  /** Settled when hello is answered: what came together with it waits so long. */
  #hello: Promise<unknown> | null = null;
  #name = 'unknown';
  readonly #silence: ReturnType<typeof setTimeout>;
  #isClosed = false;

  constructor(transport: Transport, needs: SurfaceNeeds) {
    this.#needs = needs;
    this.#peer = new Peer(transport, {
      request: async (method, params) => await this.#onRequest(method, params),
      notification: (method, params) => this.#onNotification(method, params),
      close: () => this.#onClose(),
      fault: (method, error) => needs.logger.error({ method, err: error }, 'a method failed'),
    });
    this.#silence = setTimeout(() => this.close('it did not say hello'), HELLO_LIMIT_MS);
    this.#silence.unref();
  }

  /**
   * "by" in what it does. A device is called what the person at the host lets it be called, now and
   * not when it connected; a surface of this machine names itself.
   */
  get surface(): string {
    const { device } = this.#needs;
    return device === null ? byOfLocal(this.#name) : byOfDevice(device);
  }

  named(name: string): void {
    this.#name = name;
  }

  get device(): RemoteDevice | null {
    return this.#needs.device;
  }

  get role(): Role {
    return this.#needs.role;
  }

  get bufferedBytes(): number {
    return this.#peer.bufferedBytes;
  }

  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void {
    this.#peer.notify(name, params);
  }

  /** Throws an {@link RpcFailure} when it follows too many. */
  follow(sessionId: SessionId, subscription: Subscription): void {
    this.unfollow(sessionId);
    if (this.#isClosed || this.#sessions.size >= MAX_FOLLOWED) {
      subscription.close();
      throw new RpcFailure(
        'refused',
        `A surface follows at most ${MAX_FOLLOWED} sessions at once: leave one first.`,
      );
    }
    this.#sessions.set(sessionId, subscription);
  }

  unfollow(sessionId: SessionId): void {
    this.#sessions.get(sessionId)?.close();
    this.#sessions.delete(sessionId);
  }

  followDesk(subscription: Subscription): void {
    this.#desk?.close();
    this.#desk = subscription;
  }

  /** Ends with this connection; at most one of each name, and a second is not made. */
  hold(name: string, make: () => Subscription): void {
    if (!this.#held.has(name)) this.#held.set(name, make());
  }

  /**
   * Asks the other end whether it is there. Any answer will do, so that pages of every version can
   * be asked. Milliseconds there and back; null: none within `limitMs`.
   */
  async ping(limitMs: number): Promise<number | null> {
    const sentAt = performance.now();
    try {
      await this.#peer.request('reach.ping', {}, limitMs);
    } catch (error) {
      if (!(error instanceof RpcFailure)) return null;
    }
    return performance.now() - sentAt;
  }

  close(reason: string): void {
    this.#peer.close(reason);
  }

  async #onRequest(method: string, params: unknown): Promise<unknown> {
    if (!isMethod(method))
      throw new RpcFailure('methodNotFound', `This host does not know the method ${method}.`);
    if (this.#hello === null && method !== 'hello')
      throw new RpcFailure('invalidRequest', 'Say hello first: it settles the protocol version.');
    const { who, local } = methods[method];
    if (local && this.#needs.device !== null)
      throw new RpcFailure('notAllowed', `${method} can only be done on the host's own machine.`);
    if (ROLES.indexOf(this.#needs.role) < ROLES.indexOf(who))
      throw new RpcFailure(
        'notAllowed',
        `${method} needs the role ${who}; this device is ${this.#needs.role}.`,
      );
    const parsed = methods[method].params.safeParse(params ?? {});
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new RpcFailure(
        'invalidParams',
        `${method}: ${issue?.path.join('.') || 'parameters'}: ${issue?.message ?? 'not valid'}`,
      );
    }
    if (method === 'hello') return await this.#onHello(parsed.data);
    await this.#hello;
    // A device that was cut off meanwhile has no say any more.
    if (this.#isClosed) throw new RpcFailure('refused', 'The connection is closed.');
    return await this.#call(method, parsed.data);
  }

  async #onHello(params: unknown): Promise<unknown> {
    const answer = this.#call('hello', params);
    this.#hello = answer;
    try {
      const result = await answer;
      clearTimeout(this.#silence);
      return result;
    } catch (error) {
      this.#hello = null;
      throw error;
    }
  }

  async #call(method: MethodName, params: unknown): Promise<unknown> {
    // The table pairs parameters with their handler; TypeScript cannot see that through the union.
    const handler = this.#needs.handlers[method] as (
      params: unknown,
      surface: SurfaceConnection,
    ) => unknown;
    try {
      return await handler(params, this);
    } catch (error) {
      if (error instanceof StoreFull) throw new RpcFailure('refused', error.message);
      throw error;
    }
  }

  #onNotification(method: string, params: unknown): void {
    switch (method) {
      case 'session.ack': {
        const { data } = notifications[method].safeParse(params);
        if (data !== undefined) this.#sessions.get(data.sessionId)?.acknowledge?.(data.seq);
        return;
      }
      case 'surface.active': {
        const { data } = notifications[method].safeParse(params);
        if (data !== undefined) this.#heard({ name: method, params: data });
        return;
      }
      case 'desktop.shown': {
        const { data } = notifications[method].safeParse(params);
        if (data !== undefined) this.#heard({ name: method, params: data });
        return;
      }
      default:
    }
  }

  #heard(notice: SurfaceNotice): void {
    if (this.#hello !== null) this.#needs.heard(this, notice);
  }

  #onClose(): void {
    this.#isClosed = true;
    clearTimeout(this.#silence);
    for (const subscription of this.#sessions.values()) subscription.close();
    this.#sessions.clear();
    for (const subscription of this.#held.values()) subscription.close();
    this.#held.clear();
    this.#desk?.close();
    this.#desk = null;
    this.#needs.closed(this);
  }
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}
