import { randomBytes } from 'node:crypto';
import { silentLogger } from '../../src/base/log.ts';
import type { ChannelId, DeviceId, Note, RelayMessage } from '../../src/protocol/relay.ts';
import type { Bus } from '../../src/relay/cluster/bus.ts';
import type { NodeId } from '../../src/relay/cluster/peers.ts';
import { ClusterNotes } from '../../src/relay/notes/cluster-notes.ts';
import type { ForwardedHost } from '../../src/relay/notes/forwarded-host.ts';
import type { LeaseStore } from '../../src/relay/notes/lease-store.ts';
import type { NoteLimits } from '../../src/relay/notes/note-book.ts';
import type { Posted } from '../../src/relay/notes/note-sender.ts';
import type { SharedNoteStore } from '../../src/relay/notes/note-store.ts';
import { MemoryBusNet, type MemoryBus } from '../fakes/memory-bus.ts';
import { MemoryLease } from '../fakes/memory-lease.ts';
import { MemoryDisk, MemorySharedNotes } from '../fakes/memory-shared-notes.ts';
import { RelayClock } from './relay-clock.ts';
import { answered, revocations, SECOND } from './relay-notes.ts';

const STEP_MS = 1_000;
const TURNS = 4;
const PUSH = 'https://push.example.org/';

const LIMITS: NoteLimits = {
  silences: { minSec: 60, maxSec: 82_800 },
  graceMs: 90 * SECOND,
  maxBytes: 10_000_000,
  maxHosts: 1_000,
};

/** What a node does to the world outside of it, in the order in which it does it. */
export type Step = 'lease' | 'leaseDone' | 'write' | 'written' | 'post' | 'posted' | 'answer';

export interface Posting {
  readonly to: string;
  readonly atSec: number;
  /** The host was connected to a node that all could hear. */
  readonly isFalse: boolean;
}

/** Nodes of a cluster that keep notes, each with clocks of its own, on a bus and a store in memory. */
export class NotesCluster {
  readonly clock = new RelayClock();
  /** What decides whether the bus loses and doubles. */
  random: () => number = () => 0.5;
  readonly net = new MemoryBusNet(this.clock, () => this.random());
  readonly lease = new MemoryLease();
  readonly disk = new MemoryDisk();
  readonly nodes: NotesNode[] = [];
  readonly posts: Posting[] = [];
  readonly told: RelayMessage[] = [];
  answer: () => Promise<Posted> = async () => await Promise.resolve(answered(201));
  /** Called at each step of each node, before it is taken. */
  onStep: (node: NotesNode, step: Step) => void = () => {};

  private constructor(clocks: readonly number[]) {
    for (const aheadMs of clocks) this.nodes.push(new NotesNode(this, aheadMs));
  }

  /** One whose grace of the beginning is over. `clocks`: of each node, by how much its clock is ahead. */
  static async settled(clocks: readonly number[] = [0, 0, 0]): Promise<NotesCluster> {
    const cluster = new NotesCluster(clocks);
    await cluster.pass(100 * SECOND);
    return cluster;
  }

  get sec(): number {
    return Math.round(this.clock.nowMs() / SECOND);
  }

  get keepers(): NotesNode[] {
    return this.nodes.filter((node) => node.isRunning && node.notes.isKeeper);
  }

  get keeper(): NotesNode {
    const [keeper] = this.keepers;
    if (keeper === undefined) throw new Error('no node keeps the notes');
    return keeper;
  }

  /** Nodes that do not keep them. */
  get others(): NotesNode[] {
    return this.nodes.filter((node) => node.isRunning && !node.notes.isKeeper);
  }

  join(aheadMs = 0): NotesNode {
    const node = new NotesNode(this, aheadMs);
    this.nodes.push(node);
    return node;
  }

  /** Time passes for all that are not stopped, with all that follows. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      const stepMs = Math.min(STEP_MS, leftMs);
      this.clock.pass(stepMs);
      for (const node of this.nodes) node.pass(stepMs);
      await settle();
    }
  }

  /** Until the condition holds, or the time is over. */
  async passUntil(holds: () => boolean, limitMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < limitMs && !holds(); passedMs += STEP_MS)
      await this.pass(STEP_MS);
  }

  posted(url: string): void {
    const to = url.slice(PUSH.length);
    const isFalse = this.nodes.some(
      (node) => node.isRunning && !node.isCut && node.isHostOf(to as DeviceId),
    );
    this.posts.push({ to, atSec: this.sec, isFalse });
  }

  /** How often each was posted. */
  get shown(): Record<string, number> {
    const shown: Record<string, number> = {};
    for (const { to } of this.posts) shown[to] = (shown[to] ?? 0) + 1;
    return shown;
  }
}

export class NotesNode {
  readonly clock = new RelayClock();
  readonly id = randomBytes(12).toString('base64url') as NodeId;
  readonly notes: ClusterNotes;
  /** Cut off from bus and store, not from its hosts. */
  isCut = false;
  readonly #cluster: NotesCluster;
  readonly #bus: MemoryBus;
  readonly #aheadMs: number;
  readonly #hosts = new Map<ChannelId, { desk: ForwardedHost; devices: Set<DeviceId> }>();
  readonly #waiting: (() => void)[] = [];
  #stoppedMs = 0;
  #frozenMs = 0;
  #state: 'runs' | 'stopped' | 'dead' = 'runs';

  constructor(cluster: NotesCluster, aheadMs: number) {
    this.#cluster = cluster;
    this.#bus = cluster.net.join();
    this.#aheadMs = Date.parse('2026-11-21T14:00:00.000Z') + aheadMs;
    this.notes = new ClusterNotes({
      self: this.id,
      bus: this.#gatedBus(),
      subject: 'test.notes',
      lease: this.#gatedLease(),
      openStore: () => this.#store(),
      post: async ({ url }) => {
        await this.#step('post');
        if (this.#state === 'dead') return await never();
        cluster.posted(url);
        const posted = await cluster.answer();
        await this.#step('posted');
        return posted;
      },
      clock: this.clock,
      wallMs: () => cluster.clock.nowMs() + this.#aheadMs - this.#frozenMs,
      random: () => 0.5,
      limits: LIMITS,
      log: silentLogger,
    });
  }

  get isRunning(): boolean {
    return this.#state === 'runs';
  }

  // ── what befalls it ──

  kill(): void {
    this.#state = 'dead';
    this.clock.forget();
    void this.#bus.close();
  }

  stop(): void {
    this.#state = 'stopped';
  }

  /** `unaware`: as a machine that was frozen, whose clocks know nothing of it. */
  goOn({ unaware = false } = {}): void {
    this.#state = 'runs';
    if (unaware) this.#frozenMs += this.#stoppedMs;
    else this.clock.jump(this.#stoppedMs);
    this.#stoppedMs = 0;
    for (const act of this.#waiting.splice(0)) act();
  }

  cut(isCut: boolean): void {
    this.isCut = isCut;
    this.#bus.setUp(!isCut);
  }

  pass(ms: number): void {
    if (this.#state === 'runs') this.clock.pass(ms);
    else this.#stoppedMs += ms;
  }

  // ── hosts ──

  came(channel: ChannelId, revoked: readonly DeviceId[] = []): void {
    const desk = this.notes.of(channel);
    this.#hosts.set(channel, { desk, devices: new Set() });
    desk.came((message) => this.#cluster.told.push(message), revocations(revoked));
  }

  left(channel: ChannelId, ...notes: readonly Note[]): void {
    const { desk, devices } = this.#host(channel);
    for (const { device } of notes) devices.add(device);
    desk.leave(notes, 0, revocations([]));
  }

  went(channel: ChannelId): void {
    this.#host(channel).desk.went();
    this.#hosts.delete(channel);
  }

  host(channel: ChannelId): ForwardedHost {
    return this.#host(channel).desk;
  }

  isHostOf(device: DeviceId): boolean {
    return [...this.#hosts.values()].some(({ devices }) => devices.has(device));
  }

  #host(channel: ChannelId): { desk: ForwardedHost; devices: Set<DeviceId> } {
    const host = this.#hosts.get(channel);
    if (host === undefined) throw new Error('this host is not here');
    return host;
  }

  // ── the world, as far as it is let through ──

  #gatedBus(): Bus {
    const bus = this.#bus;
    return {
      get isUp() {
        return bus.isUp;
      },
      onState: (changed) => bus.onState(changed),
      unsentBytes: 0,
      publish: (subject, payload) => bus.publish(subject, payload),
      publishWithRoom: (subject, payload) => bus.publishWithRoom(subject, payload),
      subscribe: (subject, heard) =>
        bus.subscribe(subject, (payload, reply) => this.#later(() => heard(payload, reply))),
      ask: async (subject, payload, limitMs) => {
        const answer = await bus.ask(subject, payload, limitMs);
        await this.#step('answer');
        return answer;
      },
      close: async () => await bus.close(),
    };
  }

  #gatedLease(): LeaseStore {
    const { lease } = this.#cluster;
    return {
      read: async () => {
        await this.#step('lease');
        this.#refuseWhenCut();
        return lease.entry;
      },
      write: async (text, over) => {
        await this.#step('lease');
        this.#refuseWhenCut();
        const revision = await lease.write(text, over);
        await this.#step('leaseDone');
        return revision;
      },
    };
  }

  #store(): SharedNoteStore {
    return new MemorySharedNotes(this.#cluster.disk, this.clock, async (act) => {
      await this.#step('write');
      this.#refuseWhenCut();
      act();
      await this.#step('written');
    });
  }

  #refuseWhenCut(): void {
    if (this.isCut) throw new Error('cut off');
  }

  async #step(step: Step): Promise<void> {
    await Promise.resolve();
    if (this.#state === 'runs') this.#cluster.onStep(this, step);
    if (this.#state === 'stopped')
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    if (this.#state === 'dead') await never();
  }

  #later(act: () => void): void {
    if (this.#state === 'runs') act();
    else if (this.#state === 'stopped') this.#waiting.push(act);
  }
}

async function settle(): Promise<void> {
  for (let n = 0; n < TURNS; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function never(): Promise<never> {
  return await new Promise<never>(() => {});
}
