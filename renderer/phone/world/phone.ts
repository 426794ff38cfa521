import { createStore, type StoreApi } from 'zustand/vanilla';
import type { OutboxView } from '../../../src/connection/device/outbox.ts';
import { sessionIdSchema } from '../../../src/protocol/ids.ts';
import type { Params, Result } from '../../../src/protocol/methods.ts';
import type { KnownHost, OutboxEntry, PhoneActs, PhoneState, PhoneWorld } from '../phone-world.ts';
import type { Hosts } from '../store/hosts.ts';
import type { StoredHost } from '../store/schema.ts';
import type { Settings } from '../store/settings.ts';
import { VERSION } from '../version.ts';
import type { Installing } from './install.ts';
import type { LiveHost } from './live-host.ts';
import type { PairedNames } from './paired-names.ts';

export interface PhoneNeeds {
  readonly hosts: Hosts;
  readonly settings: Settings;
  readonly names: PairedNames;
  readonly installing: Installing;
  /** Absent in old browsers and over plain http. */
  readonly storage: Pick<StorageManager, 'persist' | 'persisted'> | undefined;
  openHost(stored: StoredHost): Promise<LiveHost>;
  /** The browser no longer takes pushes of a host that is forgotten. */
  endPush(hostId: string): Promise<void>;
  nowMs(): number;
}

const NO_FACTS: PhoneState['facts'] = {
  network: true,
  relay: { up: false, sinceMs: null, rttMs: null },
  host: { here: null, sinceMs: null, asleepSinceMs: null, asleepSaidBy: null },
  heardAtMs: null,
  checked: null,
};
/** When a host was last heard is written down this often. */
const SEEN_EVERY_MS = 60_000;

/** All hosts of this phone, of which one is live. */
export class Phone implements PhoneWorld {
  readonly store: StoreApi<PhoneState>;
  readonly acts: PhoneActs;
  /** Hosts whose keys the browser has cleared. */
  wiped: readonly string[] = [];
  readonly #needs: PhoneNeeds;
  #live: LiveHost | null = null;
  #stops: (() => void)[] = [];
  /** Counts what was asked to be opened, so that only the last one is. */
  #openings = 0;
  #seenWrittenAtMs = 0;

  constructor(needs: PhoneNeeds) {
    this.#needs = needs;
    const { installing } = needs;
    this.store = createStore<PhoneState>(() => ({
      hosts: [],
      open: null,
      facts: NO_FACTS,
      cachedAtMs: null,
      outbox: [],
      audit: null,
      storage: 'unknown',
      install: installing.store.getState().install,
      version: VERSION,
    }));
    installing.store.subscribe(({ install }) => this.store.setState({ install }));
    this.acts = {
      openHost: (id) => void this.open(id),
      forgetHost: async (id) => await this.#forget(id),
      cancelQueued: async (commandId) => await this.#live?.cancelQueued(commandId),
      dismissAudit: async () => await this.#live?.audit.dismiss(),
      checkNow: () => this.#live?.checkNow(),
      keepStorage: async () => await this.keepStorage(),
      install: async () => await installing.install(),
    };
  }

  /** Shows that host, else the one that was open last, from what is kept of it. */
  async start(hostId: string | null = null): Promise<void> {
    const stored = await this.#readHosts();
    this.wiped = stored.length === 0 ? this.#needs.names.get() : [];
    const place = await this.#needs.settings.place().catch(() => null);
    const wanted = [hostId, place?.hostId];
    const known = wanted.flatMap((id) => stored.filter((host) => host.hostId === id));
    const last = known[0] ?? stored[0];
    if (last !== undefined) await this.open(last.hostId);
    void this.#readStorage();
  }

  async open(hostId: string): Promise<void> {
    const opening = ++this.#openings;
    const stored = await this.#needs.hosts.get(hostId);
    if (stored === null || opening !== this.#openings) return;
    const live = await this.#needs.openHost(stored);
    if (opening !== this.#openings) return;
    const before = this.#live;
    this.#leave();
    this.#live = live;
    this.#listen(live, stored.asleepSinceMs ?? null);
    this.store.setState({
      open: { id: live.id, world: live.world, push: live.push },
      facts: live.nowFacts,
      cachedAtMs: live.cachedAtMs,
      outbox: shown(live.outbox),
      audit: live.audit.kept,
    });
    live.start();
    void before?.close();
  }

  /** A host was paired just now, or paired anew. */
  async paired(hostId: string): Promise<void> {
    this.wiped = [];
    await this.#readHosts();
    await this.open(hostId);
    void this.keepStorage();
  }

  async keepStorage(): Promise<boolean> {
    const kept = (await this.#needs.storage?.persist().catch(() => false)) ?? false;
    await this.#readStorage();
    return kept;
  }

  async #forget(hostId: string): Promise<void> {
    if (this.#live?.id === hostId) {
      const live = this.#live;
      this.#openings += 1;
      this.#leave();
      await live.close();
    }
    // Else the service worker ends it, with the first push of a host that it does not know.
    await this.#needs.endPush(hostId).catch(() => {});
    await this.#needs.hosts.forget(hostId);
    const [next] = await this.#readHosts();
    if (next === undefined) this.#needs.names.set([]);
    if (this.#live !== null) return;
    if (next === undefined)
      this.store.setState({
        open: null,
        facts: NO_FACTS,
        cachedAtMs: null,
        outbox: [],
        audit: null,
      });
    else await this.open(next.hostId);
  }

  #listen(live: LiveHost, keptAsleepMs: number | null): void {
    let asleepMs = keptAsleepMs;
    this.#stops = [
      live.facts.on((facts) => {
        this.store.setState({ facts });
        const { asleepSaidBy, asleepSinceMs } = facts.host;
        const saidMs = asleepSaidBy === 'host' ? asleepSinceMs : null;
        if (saidMs !== asleepMs)
          void this.#needs.hosts.change(live.id, { asleepSinceMs: saidMs }).catch(() => {});
        asleepMs = saidMs;
        void this.#seen(live.id, facts.heardAtMs);
      }),
      live.ages.on((cachedAtMs) => this.store.setState({ cachedAtMs })),
      live.audit.changed.on((audit) => this.store.setState({ audit })),
      live.outboxes.on((outbox) => this.store.setState({ outbox: shown(outbox) })),
      live.hellos.on((hello) => void this.#hello(live.id, hello)),
      live.world.link.onNotice(({ name, params }) => {
        // Any other end of it is followed by a new beginning.
        if (name === 'host.stopping' && params.reason === 'stopped')
          void this.#change(live.id, { stoppedAtMs: this.#needs.nowMs() });
      }),
    ];
  }

  #leave(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#live = null;
  }

  /** The host may call itself, this phone or its role differently by now. */
  async #hello(hostId: string, { hostName, device, service }: Result<'hello'>): Promise<void> {
    const known = this.store.getState().hosts.find(({ id }) => id === hostId);
    const change = {
      ...(service !== undefined &&
        JSON.stringify(service) !== JSON.stringify(known?.service) && { service }),
      ...(typeof known?.stoppedAtMs === 'number' && { stoppedAtMs: null }),
      ...(hostName !== undefined && hostName !== known?.name && { name: hostName }),
      ...(device !== undefined &&
        JSON.stringify(device) !== JSON.stringify(known?.device) && { device }),
    };
    if (Object.keys(change).length === 0) return;
    await this.#change(hostId, change);
  }

  async #change(hostId: string, change: Parameters<Hosts['change']>[1]): Promise<void> {
    await this.#needs.hosts.change(hostId, change).catch(() => {});
    await this.#readHosts().catch(() => {});
  }

  async #seen(hostId: string, heardAtMs: number | null): Promise<void> {
    if (heardAtMs === null) return;
    this.store.setState(({ hosts }) => ({
      hosts: hosts.map((host) => (host.id === hostId ? { ...host, seenAtMs: heardAtMs } : host)),
    }));
    const nowMs = this.#needs.nowMs();
    if (nowMs - this.#seenWrittenAtMs < SEEN_EVERY_MS) return;
    this.#seenWrittenAtMs = nowMs;
    await this.#needs.hosts.change(hostId, { seenAtMs: heardAtMs }).catch(() => {});
  }

  async #readHosts(): Promise<readonly StoredHost[]> {
    const stored = await this.#needs.hosts.all();
    this.store.setState({ hosts: stored.map(knownHost) });
    if (stored.length > 0) this.#needs.names.set(stored.map(({ name }) => name));
    return stored;
  }

  async #readStorage(): Promise<void> {
    const { storage } = this.#needs;
    const persisted = await storage?.persisted().catch(() => undefined);
    this.store.setState({
      storage: persisted === undefined ? 'unknown' : persisted ? 'kept' : 'mayBeCleared',
    });
  }
}

function knownHost(stored: StoredHost): KnownHost {
  const { hostId, name, device, relay, seenAtMs, service, stoppedAtMs = null } = stored;
  return {
    ...{ id: hostId, name, device, relay, seenAtMs, stoppedAtMs },
    ...(service !== undefined && { service }),
  };
}

/** Prompts are shown in their sessions; other commands are answered on the spot and wait for nobody. */
function shown(entries: readonly OutboxView[]): readonly OutboxEntry[] {
  return entries.flatMap(({ commandId, method, params, madeAtMs, state, refused, mail }) => {
    const sessionId = sessionIdSchema.safeParse(params.sessionId);
    if (method !== 'session.send' || !sessionId.success) return [];
    // Kept as it was sent.
    const { prompt } = params as Params<'session.send'>;
    return [
      {
        commandId,
        sessionId: sessionId.data,
        prompt,
        queuedAtMs: madeAtMs,
        state,
        leftAtMs: mail?.left?.atMs ?? null,
        problem: refused ?? null,
      },
    ];
  });
}
