import { createStore } from 'zustand/vanilla';
import { systemTimers } from '../../../../src/connection/timers.ts';
import { Acts } from '../../../../renderer/state/acts.ts';
import { Drafts } from '../../../../renderer/state/drafts.ts';
import { HostLink } from '../../../../renderer/state/host-link.ts';
import { INITIAL_HOST_STATE, type HostState } from '../../../../renderer/state/host-state.ts';
import { Works } from '../../../../renderer/state/works.ts';
import { newCommandId } from '../../../../renderer/state/uuid.ts';
import { webSocketTransport } from '../../../../renderer/state/web-socket-transport.ts';
import { FakePush } from './fake-push.ts';
import type {
  KnownHost,
  OpenHost,
  OutboxEntry,
  PhoneState,
  PhoneWorld,
} from '../../../../renderer/phone/phone-world.ts';

/** What the test says about the phone before the page is opened, in the address. */
export interface FakeGiven {
  readonly hosts: readonly KnownHost[];
  /** Where the first host listens; the others are never there. */
  readonly address: string;
}

/** A phone whose host is a plain WebSocket away; what is known of the way is up to the test. */
export class FakePhone implements PhoneWorld {
  readonly store;
  readonly acts: PhoneWorld['acts'];
  readonly asked: string[] = [];
  readonly #given: FakeGiven;
  #isOffline = false;

  constructor(given: FakeGiven) {
    this.#given = given;
    const [first] = given.hosts;
    this.store = createStore<PhoneState>(() => ({
      hosts: given.hosts,
      open: first === undefined ? null : this.#open(first),
      facts: {
        network: true,
        relay: { up: true, sinceMs: Date.now() - 60_000, rttMs: 41 },
        host: {
          here: true,
          sinceMs: Date.now() - 60_000,
          asleepSinceMs: null,
          asleepSaidBy: null,
        },
        heardAtMs: Date.now() - 4_000,
        checked: { atMs: Date.now() - 12_000, tookMs: 83 },
      },
      cachedAtMs: null,
      outbox: [],
      audit: null,
      storage: 'mayBeCleared',
      install: 'byHand',
      version: '0.1.0',
    }));
    this.acts = {
      openHost: (id) => {
        const host = given.hosts.find((one) => one.id === id);
        if (host !== undefined) this.store.setState({ open: this.#open(host) });
      },
      forgetHost: async (id) => {
        this.asked.push(`forget ${id}`);
        const hosts = this.store.getState().hosts.filter((host) => host.id !== id);
        const [next] = hosts;
        this.store.setState({ hosts, open: next === undefined ? null : this.#open(next) });
      },
      cancelQueued: async (commandId) =>
        this.store.setState(({ outbox }) => ({
          outbox: outbox.filter((entry) => entry.commandId !== commandId),
        })),
      checkNow: () => {
        this.asked.push('check');
        this.store.getState().open?.world.link.retryNow();
        this.#facts({ checked: { atMs: Date.now(), tookMs: 64 }, heardAtMs: Date.now() });
      },
      keepStorage: async () => false,
      dismissAudit: async () => this.store.setState({ audit: null }),
      install: async () => void this.asked.push('install'),
    };
  }

  /** The network goes: what was known stays on screen, with its age. */
  goOffline(cachedAtMs: number): void {
    this.#isOffline = true;
    this.store.setState({ cachedAtMs });
    this.#facts({ network: false, relay: { up: false, sinceMs: Date.now(), rttMs: null } });
    this.store.getState().open?.world.link.stop();
  }

  /** The host said that it goes to sleep, and its relay has noticed that it is gone. */
  fallAsleep(sinceMs: number, why: string): void {
    this.goOffline(sinceMs);
    this.store.getState().open?.world.store.setState({
      asleep: { at: new Date(sinceMs).toISOString(), why },
    });
    this.#facts({
      network: true,
      relay: { up: true, sinceMs, rttMs: 38 },
      host: { here: false, sinceMs, asleepSinceMs: sinceMs, asleepSaidBy: 'host' },
      heardAtMs: sinceMs,
    });
  }

  comeBack(): void {
    const nowMs = Date.now();
    this.#isOffline = false;
    this.store.setState({ cachedAtMs: null });
    this.#facts({
      network: true,
      relay: { up: true, sinceMs: nowMs, rttMs: 38 },
      host: { here: true, sinceMs: nowMs, asleepSinceMs: null, asleepSaidBy: null },
      heardAtMs: nowMs,
    });
    this.store.getState().open?.world.link.start();
  }

  say(facts: Partial<PhoneState['facts']>): void {
    this.#facts(facts);
  }

  /** The relay has what waits. */
  leave(leftAtMs: number): void {
    this.store.setState(({ outbox }) => ({
      outbox: outbox.map((entry): OutboxEntry => ({ ...entry, state: 'left', leftAtMs })),
    }));
  }

  refuse(problem: string): void {
    this.store.setState(({ outbox }) => ({
      outbox: outbox.map((entry): OutboxEntry => ({ ...entry, state: 'refused', problem })),
    }));
  }

  #facts(facts: Partial<PhoneState['facts']>): void {
    this.store.setState((state) => ({ facts: { ...state.facts, ...facts } }));
  }

  #open(host: KnownHost): OpenHost {
    const store = createStore<HostState>(() => INITIAL_HOST_STATE);
    const link = new HostLink(store, {
      identity: { surface: 'phone', version: '0.1.0' },
      open: async () => await this.#dial(host),
      timers: systemTimers,
      random: Math.random,
    });
    const acts = new Acts(link, null, {
      send: async (sessionId, prompt) => {
        const commandId = newCommandId();
        if (!this.#isOffline)
          return void (await link.call('session.send', { commandId, sessionId, prompt }));
        this.store.setState(({ outbox }) => ({
          outbox: [
            ...outbox,
            {
              commandId,
              sessionId,
              prompt,
              queuedAtMs: Date.now(),
              state: 'waiting',
              leftAtMs: null,
              problem: null,
            },
          ],
        }));
      },
    });
    link.start();
    return {
      id: host.id,
      push: new FakePush(),
      world: {
        store,
        link,
        acts,
        works: new Works(link),
        drafts: new Drafts(localStorage),
        surface: 'phone',
        knownRole: host.device.role,
        bridge: null,
      },
    };
  }

  #dial(host: KnownHost): Promise<ReturnType<typeof webSocketTransport>> {
    if (host.id !== this.#given.hosts[0]?.id)
      return Promise.reject(new Error('This host is never there.'));
    const socket = new WebSocket(this.#given.address);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(webSocketTransport(socket));
      socket.onclose = () => reject(new Error('The host does not answer.'));
    });
  }
}
