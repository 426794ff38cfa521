import { v7 } from 'uuid';
import type { DeviceKeys } from '../../../src/connection/device/ports.ts';
import { commandIdSchema, type CommandId } from '../../../src/protocol/ids.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import type { LightHost } from '../../support/light-host.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';
import { SeenHistory } from '../../support/seen-history.ts';

/** Since when a device has no host, and how long of that it has chosen to wait. */
export interface Outage {
  readonly sinceMs: number;
  readonly chosenMs: number;
}

/** One phone of a light host through all of a run: its pages come and go, its keys and outbox stay. */
export class RelayDevice {
  readonly name: string;
  readonly host: LightHost;
  readonly asked = new Set<CommandId>();
  readonly refused = new Set<CommandId>();
  /** What the relay has said that it keeps for the host. */
  readonly left = new Set<CommandId>();
  readonly faults: string[] = [];
  /** Its host has ended the pairing; nothing is promised to it any more but that. */
  isRevoked = false;
  connections = 0;
  /** The latest that any event has come since `mark`. */
  worstLateMs = 0;
  readonly #keys: DeviceKeys;
  readonly #store = new MemoryOutbox();
  #page: HeadlessDevice | null = null;
  readonly #history = new SeenHistory();
  #outage: Outage | null = null;
  #lastOutage: (Outage & { readonly untilMs: number }) | null = null;

  constructor(name: string, host: LightHost) {
    this.name = name;
    this.host = host;
    this.#keys = host.enrol(name);
  }

  get isOpen(): boolean {
    return this.#page !== null;
  }

  get isUp(): boolean {
    return this.isOpen && this.#outage === null;
  }

  get state(): string {
    const state = this.#page?.surface.state;
    if (state === undefined) return 'closed';
    return 'reason' in state ? `${state.kind}: ${state.reason}` : state.kind;
  }

  /** null: it is up, or nobody has opened it. */
  get outage(): Outage | null {
    return this.isOpen && !this.isRevoked ? this.#outage : null;
  }

  /** The last one that is over, of those that ended since `mark`. */
  get lastOutage(): (Outage & { readonly untilMs: number }) | null {
    return this.#lastOutage;
  }

  /** Commands without an answer. */
  get waiting(): number {
    return this.#page?.outbox.entries.filter(({ refused }) => refused === undefined).length ?? 0;
  }

  /** Of these the relay has said that it keeps them. */
  get leftNow(): readonly CommandId[] {
    const entries = this.#page?.outbox.entries ?? [];
    return entries.flatMap(({ commandId, state }) => (state === 'left' ? [commandId] : []));
  }

  get seen(): number {
    return this.#history.lastSeq;
  }

  /** Latest and last are counted from now. */
  mark(): void {
    this.worstLateMs = 0;
    this.#lastOutage = null;
  }

  async open(): Promise<void> {
    const page = new HeadlessDevice(this.#keys, { name: this.name, outboxStore: this.#store });
    this.#page = page;
    this.#outage = { sinceMs: performance.now(), chosenMs: 0 };
    const { sessionId, epoch } = this.host;
    page.surface.states.on((state) => {
      if (page !== this.#page) return;
      if (state.kind === 'up') this.connections += 1;
      else this.#outage ??= { sinceMs: performance.now(), chosenMs: 0 };
      if (state.kind === 'refused' && !this.isRevoked) this.faults.push(`refused: ${state.reason}`);
      if (state.kind !== 'down' || this.#outage === null) return;
      const delayMs = Math.max(0, state.retryAtMs - Date.now());
      this.#outage = { ...this.#outage, chosenMs: this.#outage.chosenMs + delayMs };
    });
    page.surface.followed.on(({ result }) => {
      if (page !== this.#page) return;
      this.#history.restart(result);
      this.#tookUpTo(result.state.lastSeq, result.continues ? result.events.length : 0);
      if (this.#outage === null) return;
      this.#lastOutage = { ...this.#outage, untilMs: performance.now() };
      this.#outage = null;
    });
    page.surface.events.on(({ events }) => {
      if (page !== this.#page) return;
      this.#history.take(events);
      this.#tookUpTo(this.#history.lastSeq, events.length);
    });
    page.outbox.changed.on((entries) => {
      for (const { commandId, refused, state } of entries) {
        if (refused !== undefined) this.refused.add(commandId);
        if (state === 'left') this.left.add(commandId);
      }
    });
    await page.outbox.begin();
    // A page keeps what it was shown, and goes on there.
    page.surface.follow(sessionId, this.seen === 0 ? undefined : { epoch, cursor: this.seen });
    page.surface.start();
    page.link.begin(page.surface);
  }

  close(): void {
    const page = this.#page;
    this.#page = null;
    page?.stop();
  }

  /** Keeps a command, which is sent when there is a host. */
  async ask(): Promise<void> {
    if (this.#page === null || this.isRevoked || this.waiting > 10) return;
    const commandId = commandIdSchema.parse(v7());
    const { sessionId } = this.host;
    const prompt = [{ type: 'text' as const, text: 'go on' }];
    await this.#page.outbox.send('session.send', { sessionId, commandId, prompt });
    this.asked.add(commandId);
  }

  revoke(): void {
    this.isRevoked = true;
    this.host.revoke(this.#keys.grant.device);
  }

  /** Whether it has heard that its pairing has ended. */
  get isShutOut(): boolean {
    return this.#page?.surface.state.kind === 'refused';
  }

  /** The person looks: what is down is tried, what seems up is asked. */
  look(): void {
    this.#page?.link.checkNow();
  }

  /** What was shown that is not as the host has it, once all has arrived. */
  async differences(): Promise<string[]> {
    const page = this.#page;
    if (page === null) return ['it is closed'];
    await this.#history.fill(async (after, limit) => {
      const { events } = await page.call('session.events', {
        sessionId: this.host.sessionId,
        after,
        limit,
      });
      return events;
    });
    return [...this.faults, ...this.#history.differences(this.host.stored())];
  }

  #tookUpTo(seq: number, count: number): void {
    const nowMs = performance.now();
    for (let at = seq - count + 1; at <= seq; at += 1)
      this.worstLateMs = Math.max(this.worstLateMs, nowMs - (this.host.appendedAtMs[at] ?? nowMs));
  }
}
