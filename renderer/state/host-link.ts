import type { StoreApi } from 'zustand/vanilla';
import { assertNever } from '../../src/base/assert-never.ts';
import type { HostNotice } from '../../src/connection/host-client.ts';
import { ReconnectingHost, type ReconnectOptions } from '../../src/connection/reconnect.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type {
  MethodName,
  NotificationParams,
  Params,
  Result,
  SurfaceNotificationName,
} from '../../src/protocol/methods.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import type { HostMemory } from './host-memory.ts';
import {
  withDesk,
  withEarlier,
  withEvents,
  withFollowed,
  withKept,
  withLost,
  withOpening,
  withReceipt,
  withoutSession,
  withSummary,
  type HostState,
} from './host-state.ts';

/** Events of one frame become one change of the store, however fast an agent talks. */
const FRAME_MS = 24;
/** Small enough that parsing one page stays far under a frame's patience. */
const PAGE_EVENTS = 200;

/** Feeds the store from the host, and asks the host what the person asks of it. */
export class HostLink {
  readonly #store: StoreApi<HostState>;
  readonly #host: ReconnectingHost;
  readonly #memory: HostMemory | null;
  readonly #after: ReconnectOptions['timers']['after'];
  #waiting: { sessionId: SessionId; events: SessionEvent[] } | null = null;
  #cancelFrame: (() => void) | null = null;
  #openings = 0;

  /** `memory`: what this surface kept, and keeps, of the host. */
  constructor(store: StoreApi<HostState>, options: ReconnectOptions, memory?: HostMemory) {
    this.#store = store;
    this.#memory = memory ?? null;
    this.#after = options.timers.after;
    this.#host = new ReconnectingHost(options);
    const set = (change: (state: HostState) => HostState): void =>
      this.#store.setState(change, false);
    this.#host.states.on((link) => set((state) => ({ ...state, link })));
    this.#host.desks.on((desk) => {
      set((state) => withDesk(state, desk));
      memory?.desk(desk);
    });
    this.#host.followed.on(({ sessionId, result }) => {
      this.#flush();
      set((state) => withFollowed(state, sessionId, result));
      memory?.followed(sessionId, result);
    });
    this.#host.events.on(({ sessionId, events }) => this.#collect(sessionId, events));
    this.#host.lost.on(({ sessionId, reason }) =>
      set((state) => withLost(state, sessionId, reason)),
    );
    this.#host.notices.on((notice) => {
      set((state) => withNotice(state, notice));
      if (notice.name === 'desk.forgotten') memory?.forgotten(notice.params.sessionId);
    });
  }

  start(): void {
    this.#host.followDesk();
    this.#host.start();
  }

  stop(): void {
    this.#host.stop();
  }

  retryNow(): void {
    this.#host.retryNow();
  }

  /** What the host tells without being asked, for a screen that shows it; returns the undo. */
  onNotice(listener: (notice: HostNotice) => void): () => void {
    return this.#host.notices.on(listener);
  }

  get isUp(): boolean {
    return this.#host.state.kind === 'up';
  }

  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    limitMs?: number,
  ): Promise<Result<M>> {
    return await this.#host.call(method, params, limitMs);
  }

  /** Says it where the host is there to hear it; what is said to nobody is not kept. */
  tell<N extends SurfaceNotificationName>(name: N, params: NotificationParams<N>): void {
    this.#host.tell(name, params);
  }

  /** Shows this session and no other; null for none. Again: starts over, after it was lost. */
  open(sessionId: SessionId | null): void {
    const { open } = this.#store.getState();
    if (open !== null && open.sessionId === sessionId && open.phase !== 'lost') return;
    if (open !== null) this.#host.unfollow(open.sessionId);
    this.#waiting = null;
    this.#store.setState((state) => withOpening(state, sessionId));
    if (sessionId === null) return;
    if (this.#memory === null) this.#host.follow(sessionId);
    else void this.#goOn(sessionId, this.#memory);
  }

  /** Shows what was kept before asking for the rest. */
  async #goOn(sessionId: SessionId, memory: HostMemory): Promise<void> {
    const opening = ++this.#openings;
    // What cannot be read back is had from the host.
    const kept = await memory.load(sessionId).catch(() => null);
    if (opening !== this.#openings || this.#store.getState().open?.sessionId !== sessionId) return;
    if (kept !== null) this.#store.setState((state) => withKept(state, sessionId, kept));
    this.#host.follow(
      sessionId,
      kept === null || kept.epoch === null
        ? undefined
        : { epoch: kept.epoch, cursor: kept.state.lastSeq },
    );
  }

  /** The page of history before what is loaded; one at a time. */
  async loadEarlier(): Promise<void> {
    const { open } = this.#store.getState();
    if (open === null || open.phase !== 'open' || open.earlier === 0 || open.loadingEarlier) return;
    const { sessionId, earlier } = open;
    this.#store.setState({ open: { ...open, loadingEarlier: true } });
    try {
      const page = await this.#host.call('session.events', {
        sessionId,
        before: earlier + 1,
        limit: PAGE_EVENTS,
      });
      this.#store.setState((state) => withEarlier(state, sessionId, page));
    } catch {
      // The next scroll to the top asks again; the connection's own state says what is wrong.
      this.#store.setState((state) =>
        state.open?.sessionId === sessionId
          ? { open: { ...state.open, loadingEarlier: false } }
          : state,
      );
    }
  }

  async loadAgents(): Promise<void> {
    const { agents } = await this.#host.call('agents.list', {});
    this.#store.setState({ agents });
  }

  #collect(sessionId: SessionId, events: readonly SessionEvent[]): void {
    if (this.#waiting !== null && this.#waiting.sessionId !== sessionId) this.#flush();
    this.#waiting ??= { sessionId, events: [] };
    this.#waiting.events.push(...events);
    this.#cancelFrame ??= this.#after(FRAME_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    const { sessionId, events } = waiting;
    this.#store.setState((state) => withEvents(state, sessionId, events));
    const { open } = this.#store.getState();
    if (open?.sessionId === sessionId && open.state !== null)
      this.#memory?.events(sessionId, events, open.state);
  }
}

function withNotice(state: HostState, notice: HostNotice): HostState {
  switch (notice.name) {
    case 'desk.session':
      return withSummary(state, notice.params.session);
    case 'desk.approvals':
      return { ...state, approvals: notice.params.approvals };
    case 'desk.forgotten':
      return withoutSession(state, notice.params.sessionId);
    case 'desk.problems':
      return { ...state, problems: notice.params.problems };
    case 'agents.installing':
      return {
        ...state,
        installing: { ...state.installing, [notice.params.agent]: notice.params },
      };
    case 'desk.receipt':
      return withReceipt(state, notice.params);
    case 'night.changed':
      return { ...state, night: notice.params.night };
    case 'power.changed':
      return { ...state, power: notice.params.power };
    case 'power.lid':
      return { ...state, lidReport: notice.params.report };
    case 'host.sleeping':
      return { ...state, asleep: notice.params };
    case 'host.woke':
      return { ...state, asleep: null };
    case 'attention.changed':
      return { ...state, attention: notice.params };
    case 'desk.pulses':
      return { ...state, pulses: notice.params.pulses };
    // A pairing and the list of devices are shown by the screens that ask for them.
    case 'pair.state':
    case 'devices.changed':
    case 'rules.changed':
    case 'audit.head':
    case 'session.events':
    case 'session.ack':
    // The desktop's notifications are the tray app's.
    case 'desktop.show':
    case 'desktop.withdraw':
    case 'desktop.shown':
    case 'surface.active':
    case 'host.stopping':
      return state;
    default:
      return assertNever(notice, 'notice');
  }
}
