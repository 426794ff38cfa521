import { v7 } from 'uuid';
import { DeviceLink } from '../../src/connection/device/device-link.ts';
import { Outbox } from '../../src/connection/device/outbox.ts';
import {
  pairAsGuest,
  type GuestPairing,
  type Paired,
} from '../../src/connection/device/pair-as-guest.ts';
import type {
  DeviceKeys,
  Lock,
  OutboxStore,
  RelayNetwork,
} from '../../src/connection/device/ports.ts';
import { DecisionSigner, type Unsigned } from '../../src/connection/device/sign-decision.ts';
import { ReconnectingHost } from '../../src/connection/reconnect.ts';
import { systemTimers } from '../../src/connection/timers.ts';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import { commandIdSchema, type SessionId } from '../../src/protocol/ids.ts';
import type { MethodName, Params, Result } from '../../src/protocol/methods.ts';
import { decodeOffer } from '../../src/protocol/offer.ts';
import { DeviceIdentity, nodeNetwork, primitives } from './device-identity.ts';
import { MemoryOutbox } from './memory-outbox.ts';
import { SeenHistory } from './seen-history.ts';
import { SettablePresence } from './settable-presence.ts';

const LIMIT_MS = 20_000;
const LOOK_MS = 10;

/** A phone without a screen: the real code of the device's side, on Node's keys and sockets. */
export class HeadlessDevice {
  readonly surface: ReconnectingHost;
  readonly link: DeviceLink;
  readonly outbox: Outbox;
  readonly presence = new SettablePresence();
  readonly signer: DecisionSigner;
  readonly #histories = new Map<SessionId, SeenHistory>();

  constructor(
    keys: DeviceKeys,
    {
      network = nodeNetwork(),
      name = 'phone',
      outboxStore = new MemoryOutbox(),
      lock = { hold: async (_signal, run) => await run() },
    }: {
      lock?: Lock;
      network?: RelayNetwork;
      name?: string;
      outboxStore?: OutboxStore;
    } = {},
  ) {
    const sha256 = (data: Uint8Array): Uint8Array => primitives.sha256(data);
    this.signer = new DecisionSigner({ keys, sha256 });
    this.link = new DeviceLink({
      keys,
      network,
      primitives,
      presence: this.presence,
      timers: systemTimers,
      identity: { surface: name, version: '0' },
      random: Math.random,
    });
    this.surface = new ReconnectingHost(this.link.options);
    this.outbox = new Outbox({
      store: outboxStore,
      lock,
      timers: systemTimers,
      call: async (method, params, limitMs) => await this.surface.call(method, params, limitMs),
      mailbox: this.link.mailbox,
    });
    this.surface.states.on(({ kind }) => this.outbox.setUp(kind === 'up'));
    this.surface.notices.on((notice) => this.link.noticed(notice));
    this.surface.followed.on(({ sessionId, result }) => {
      this.#histories.get(sessionId)?.restart(result);
    });
    this.surface.events.on(({ sessionId, events }) => {
      this.#histories.get(sessionId)?.take(events);
    });
  }

  /** Scans `offer` (the link of a pairing code): the digits to be confirmed on the host, then the device. */
  static pair(
    offer: string,
    { name = 'Headless phone', network = nodeNetwork() } = {},
  ): {
    met: GuestPairing['met'];
    leave: GuestPairing['leave'];
    device: Promise<HeadlessDevice>;
    paired: Promise<Paired>;
  } {
    const identity = new DeviceIdentity();
    const guest = pairAsGuest({
      offer: decodeOffer(offer),
      name,
      version: '0',
      sealing: identity.sealing(),
      signingKey: identity.signingKey,
      network,
      primitives,
      timers: systemTimers,
    });
    const { met, outcome } = guest;
    const paired = outcome.then((result) => {
      if (result.kind === 'failed') throw new Error(result.message);
      return result.paired;
    });
    const device = paired.then(
      (all) => new HeadlessDevice(identity.keysOf(all), { network, name }),
    );
    // Each may be the only one that is listened to.
    device.catch(() => {});
    paired.catch(() => {});
    return { met, leave: (why) => guest.leave(why), device, paired };
  }

  /** Starts to connect, and follows the desk. */
  async start(): Promise<void> {
    await this.outbox.begin();
    this.surface.followDesk();
    this.surface.start();
    this.link.begin(this.surface);
  }

  stop(): void {
    this.surface.stop();
    this.link.close();
    this.outbox.stop();
  }

  get isUp(): boolean {
    return this.surface.state.kind === 'up';
  }

  async up(limitMs = LIMIT_MS): Promise<Result<'hello'>> {
    return await this.until(() => {
      const { state } = this.surface;
      if (state.kind === 'refused') throw new Error(state.reason);
      return state.kind === 'up' ? state.hello : null;
    }, limitMs);
  }

  follow(sessionId: SessionId): void {
    if (!this.#histories.has(sessionId)) this.#histories.set(sessionId, new SeenHistory());
    this.surface.follow(sessionId);
  }

  async call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    return await this.surface.call(method, params);
  }

  /** Signed, for the call that `approval` shows. */
  async decide(
    approval: Approval,
    decision: Omit<Unsigned<'approval.decide'>, 'commandId'>,
  ): Promise<Result<'approval.decide'>> {
    const params = { commandId: commandIdSchema.parse(v7()), ...decision };
    return await this.call('approval.decide', await this.signer.decide(approval, params));
  }

  async answer(
    approval: Approval,
    answer: Unsigned<'approval.answer'>['answer'],
  ): Promise<Result<'approval.answer'>> {
    const params = { commandId: commandIdSchema.parse(v7()), answer };
    return await this.call('approval.answer', await this.signer.answer(approval, params));
  }

  /** What it has seen of a session, the pages before the beginning read as well. */
  async history(sessionId: SessionId): Promise<SeenHistory> {
    const history = this.#histories.get(sessionId);
    if (history === undefined) throw new Error(`${sessionId} is not followed.`);
    await history.fill(async (after, limit) => {
      const { events } = await this.call('session.events', { sessionId, after, limit });
      return events;
    });
    return history;
  }

  lastSeq(sessionId: SessionId): number {
    return this.#histories.get(sessionId)?.lastSeq ?? 0;
  }

  /** Resolves once it has seen the event with that number. */
  async caughtUp(sessionId: SessionId, seq: number, limitMs = LIMIT_MS): Promise<void> {
    await this.until(() => (this.lastSeq(sessionId) >= seq ? true : null), limitMs);
  }

  async until<T>(look: () => T | null, limitMs = LIMIT_MS): Promise<T> {
    const until = Date.now() + limitMs;
    for (;;) {
      const found = look();
      if (found !== null) return found;
      if (Date.now() > until) {
        const { state } = this.surface;
        const where = 'reason' in state ? `${state.kind}: ${state.reason}` : state.kind;
        throw new Error(`Not within ${limitMs} ms (${where}): ${look.toString().slice(0, 200)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
