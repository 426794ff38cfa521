import { createStore } from 'zustand/vanilla';
import { Emitter } from '../../../src/base/emitter.ts';
import { AuditWatch, type AuditWatchNeeds } from '../../../src/connection/device/audit-watch.ts';
import { DeviceLink } from '../../../src/connection/device/device-link.ts';
import type { LinkFacts } from '../../../src/connection/device/link-facts.ts';
import { Outbox, type OutboxView } from '../../../src/connection/device/outbox.ts';
import { DecisionSigner, type PersonCheck } from '../../../src/connection/device/sign-decision.ts';
import type {
  DeviceKeys,
  Lock,
  OutboxStore,
  Presence,
  RelayNetwork,
} from '../../../src/connection/device/ports.ts';
import type { Timers } from '../../../src/connection/timers.ts';
import type { HandshakePrimitives } from '../../../src/crypto/primitives.ts';
import type { Result } from '../../../src/protocol/methods.ts';
import type { Drafts } from '../../state/drafts.ts';
import type { World } from '../../state/host-context.tsx';
import { HostLink } from '../../state/host-link.ts';
import type { HostMemory } from '../../state/host-memory.ts';
import { INITIAL_HOST_STATE, withDesk, type HostState } from '../../state/host-state.ts';
import { Works } from '../../state/works.ts';
import type { PushHere } from '../push/push-here.ts';
import type { KeptHost } from '../store/kept-host.ts';
import type { StoredHost } from '../store/schema.ts';
import { VERSION } from '../version.ts';
import { deskOf, isDeskNews } from './kept-desk.ts';
import { OutboxActs } from './phone-acts.ts';

export interface LiveHostNeeds {
  readonly stored: StoredHost;
  readonly keys: DeviceKeys;
  readonly kept: KeptHost;
  readonly heads: AuditWatchNeeds['store'];
  readonly outboxStore: OutboxStore;
  readonly outboxLock: Lock;
  readonly drafts: Drafts;
  push(link: HostLink): PushHere;
  /** Has the person prove to be there, as this host wants it. */
  person(link: HostLink): PersonCheck;
  readonly network: RelayNetwork;
  readonly presence: Presence;
  readonly timers: Timers;
  readonly primitives: HandshakePrimitives;
  random(): number;
}

type Hello = Result<'hello'>;

/** The host on screen: what is kept of it at once, then the host itself, for as long as it is open. */
export class LiveHost {
  readonly id: string;
  readonly world: World;
  readonly push: PushHere;
  readonly facts: Emitter<LinkFacts>;
  readonly audit: AuditWatch;
  readonly outboxes: Emitter<readonly OutboxView[]>;
  readonly hellos = new Emitter<Hello>();
  /** What is on screen comes from the phone's storage, and was true then; null: it is live. */
  readonly ages = new Emitter<number | null>();
  readonly #needs: LiveHostNeeds;
  readonly #device: DeviceLink;
  readonly #outbox: Outbox;
  readonly #stops: (() => void)[] = [];
  #cachedAtMs: number | null;
  #isLive = false;

  private constructor(needs: LiveHostNeeds, first: HostState, cachedAtMs: number | null) {
    const { stored, keys, kept, network, presence, timers, primitives, random } = needs;
    const sha256 = (data: Uint8Array): Uint8Array => primitives.sha256(data);
    this.#needs = needs;
    this.#cachedAtMs = cachedAtMs;
    this.id = stored.hostId;
    this.#device = new DeviceLink({
      keys,
      network,
      presence,
      timers,
      random,
      primitives,
      identity: { surface: 'phone', version: VERSION },
      known: { heardAtMs: stored.seenAtMs, asleepSinceMs: stored.asleepSinceMs ?? null },
    });
    this.facts = this.#device.watch.changed;
    const store = createStore<HostState>(() => first);
    const link = new HostLink(store, this.#device.options, this.#memory(kept));
    this.push = needs.push(link);
    this.audit = new AuditWatch({
      store: needs.heads,
      ask: async (n) => (await link.call('audit.head', { n })).head,
      nowMs: () => timers.nowMs(),
    });
    this.#outbox = new Outbox({
      store: needs.outboxStore,
      lock: needs.outboxLock,
      timers,
      call: async (method, params, limitMs) => await link.call(method, params, limitMs),
      mailbox: this.#device.mailbox,
    });
    this.outboxes = this.#outbox.changed;
    this.world = {
      store,
      link,
      acts: new OutboxActs(
        link,
        this.#outbox,
        new DecisionSigner({ keys, sha256, person: needs.person(link) }),
      ),
      works: new Works(link),
      drafts: needs.drafts,
      surface: 'phone',
      bridge: null,
      knownRole: stored.device.role,
    };
    this.#stops.push(
      link.onNotice((notice) => {
        this.#device.noticed(notice);
        if (notice.name === 'audit.head') this.audit.named(notice.params.head);
      }),
    );
    this.#stops.push(store.subscribe((state, before) => this.#onState(state, before)));
  }

  static async open(needs: LiveHostNeeds): Promise<LiveHost> {
    // What cannot be read back is had from the host.
    const cached = await needs.kept.loadDesk().catch(() => null);
    const first =
      cached === null
        ? INITIAL_HOST_STATE
        : { ...withDesk(INITIAL_HOST_STATE, cached.desk), asleep: cached.asleep };
    return new LiveHost(needs, first, cached?.atMs ?? null);
  }

  get cachedAtMs(): number | null {
    return this.#cachedAtMs;
  }

  get nowFacts(): LinkFacts {
    return this.#device.watch.facts;
  }

  get outbox(): readonly OutboxView[] {
    return this.#outbox.entries;
  }

  start(): void {
    const { presence, kept } = this.#needs;
    this.#stops.push(
      presence.on(() => {
        // A phone may end a hidden page without another word.
        if (!presence.isVisible) void kept.settle();
      }),
    );
    // The person is told where the outbox is shown; without a storage nothing can wait there.
    this.#outbox.begin().catch(() => {});
    this.world.link.start();
    this.#device.begin(this.world.link);
  }

  checkNow(): void {
    this.#device.checkNow();
  }

  async cancelQueued(commandId: OutboxView['commandId']): Promise<void> {
    await this.#outbox.cancel(commandId);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#outbox.stop();
    this.world.link.stop();
    this.#device.close();
    await this.#needs.kept.settle();
  }

  /** Keeps what is kept, and learns from it when the list on screen is the host's own. */
  #memory(kept: KeptHost): HostMemory {
    return {
      load: async (sessionId) => await kept.load(sessionId),
      followed: (sessionId, result) => kept.followed(sessionId, result),
      events: (sessionId, events, state) => kept.events(sessionId, events, state),
      forgotten: (sessionId) => kept.forgotten(sessionId),
      desk: (desk) => {
        kept.keep(desk, null);
        this.#setLive(true);
        this.audit.named(desk.auditHead);
      },
    };
  }

  #onState(state: HostState, before: HostState): void {
    if (state.link !== before.link) {
      const isUp = state.link.kind === 'up';
      this.#outbox.setUp(isUp);
      if (state.link.kind === 'up') {
        this.hellos.emit(state.link.hello);
        void this.push.look();
      } else this.#setLive(false);
    }
    if (this.#isLive && isDeskNews(state, before))
      this.#needs.kept.keep(deskOf(state), state.asleep);
  }

  #setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    // Not when the loss was noticed: a silent network may have been gone for a while by then.
    this.#cachedAtMs = isLive ? null : (this.nowFacts.heardAtMs ?? this.#needs.timers.nowMs());
    this.ages.emit(this.#cachedAtMs);
  }
}
