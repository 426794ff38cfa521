import { Emitter } from '../base/emitter.ts';
import {
  methods,
  notifications,
  type MethodName,
  type NotificationName,
  type NotificationParams,
  type Params,
  type Result,
  type SurfaceNotificationName,
} from '../protocol/methods.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { RpcFailure } from '../protocol/errors.ts';
import { REQUEST_TIMEOUT_MS } from '../protocol/limits.ts';
import { Peer, type Answer } from './peer.ts';
import type { Transport } from './transport.ts';

export interface SurfaceIdentity {
  readonly surface: string;
  readonly version: string;
}

export type HostNotice = {
  [N in NotificationName]: { readonly name: N; readonly params: NotificationParams<N> };
}[NotificationName];

/**
 * One connection to a host, typed from the table of methods. It does not reconnect: that is
 * `reconnect.ts`, which makes a new client and follows again from its cursors.
 */
export class HostClient {
  readonly notices = new Emitter<HostNotice>();
  readonly closed = new Emitter<string>();
  readonly #peer: Peer;

  private constructor(transport: Transport) {
    this.#peer = new Peer(transport, {
      request: async (method) => {
        throw new RpcFailure('methodNotFound', `A surface does not answer ${method}.`);
      },
      notification: (method, params) => this.#onNotification(method, params),
      close: (reason) => this.closed.emit(reason),
    });
  }

  /** Nothing was said yet: hello comes first. */
  static over(transport: Transport): HostClient {
    return new HostClient(transport);
  }

  /** Says hello; throws an {@link RpcFailure} `wrongVersion` when the two cannot talk. */
  static async connect(
    transport: Transport,
    identity: SurfaceIdentity,
  ): Promise<{ client: HostClient; hello: Result<'hello'> }> {
    const client = new HostClient(transport);
    const hello = await client.call('hello', { protocol: PROTOCOL_VERSION, ...identity });
    return { client, hello };
  }

  /** Throws an {@link RpcFailure} when the host refuses, and `DeadlineExceeded` when it is silent. */
  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    limitMs = REQUEST_TIMEOUT_MS,
  ): Promise<Result<M>> {
    const result = await this.#peer.request(method, params, limitMs);
    // The table pairs each method's schema with its type; TypeScript cannot see that through M.
    return methods[method].result.parse(result) as Result<M>;
  }

  /** As {@link call}, told in the turn in which the answer arrives, so that nothing overtakes it. */
  ask<M extends MethodName>(method: M, params: Params<M>, on: Answer<Result<M>>): void {
    this.#peer.ask(method, params, {
      result: (result) => {
        const parsed = methods[method].result.safeParse(result);
        // See `call` for the type.
        if (parsed.success) on.result(parsed.data as Result<M>);
        else on.failure(parsed.error);
      },
      failure: on.failure,
    });
  }

  acknowledge(params: NotificationParams<'session.ack'>): void {
    this.tell('session.ack', params);
  }

  tell<N extends SurfaceNotificationName>(name: N, params: NotificationParams<N>): void {
    this.#peer.notify(name, params);
  }

  close(reason = 'done'): void {
    this.#peer.close(reason);
  }

  #onNotification(method: string, params: unknown): void {
    if (!(method in notifications)) return;
    const name = method as NotificationName;
    const parsed = notifications[name].safeParse(params);
    if (parsed.success) this.notices.emit({ name, params: parsed.data } as HostNotice);
  }
}
