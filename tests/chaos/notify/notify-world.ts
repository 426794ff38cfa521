import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newApprovalId, newCommandId, newInstanceId, newSessionId } from '../../../src/host/ids.ts';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { DEFAULT_NOTIFY_POLICY, type NotifyPolicy } from '../../../src/protocol/attention.ts';
import type { ApprovalId, SessionId } from '../../../src/protocol/ids.ts';
import type { EventBody } from '../../../src/protocol/session/events.ts';
import { MemoryDisk } from '../../fakes/memory-store.ts';
import { PushService } from '../../support/push-service.ts';
import { AskLedger, type Asked } from './asks.ts';
import { deviceBook, HostLife, surfaceOf, writeConfig } from './host-life.ts';
import { PushDevice } from './push-device.ts';
import { Random } from './random.ts';
import { RoughTime } from './rough-time.ts';
import { Weather } from './weather.ts';

const ROLES = ['operator', 'approver', 'viewer'] as const;

/** One host, life after life, with three devices, a push service and a person. */
export class NotifyWorld {
  readonly time = new RoughTime();
  readonly weather: Weather;
  readonly ledger = new AskLedger();
  readonly devices: readonly PushDevice[];
  readonly service: PushService;
  readonly idle: SessionId[] = [];
  readonly working: SessionId[] = [];
  policy: NotifyPolicy = DEFAULT_NOTIFY_POLICY;
  lives = 0;
  #host: HostLife;
  #disk = new MemoryDisk();
  #stampMs = 0;
  readonly #random: Random;
  readonly #home: string;

  private constructor(random: Random, service: PushService) {
    this.#random = random;
    this.service = service;
    this.weather = new Weather(new Random(random.below(2 ** 31)));
    service.always = () => this.weather.answer();
    this.#home = mkdtempSync(join(tmpdir(), 'notify-chaos-'));
    writeConfig(this.#home, [service.host]);
    const book = deviceBook(this.#home, this.now);
    this.devices = ROLES.map((role) => {
      const key = () => randomBytes(32).toString('base64url');
      const { id } = book.add({
        ...{ name: role, role, via: 'relay', relay: 'own' },
        ...{ publicKey: key(), rootPsk: key() },
        signingKey: Buffer.concat([Buffer.of(4), randomBytes(64)]).toString('base64url'),
      });
      return new PushDevice(id, role);
    });
    service.pushed.on((push) => {
      for (const device of this.devices) device.arrived(push);
    });
    this.#host = this.#start();
  }

  static async make(random: Random): Promise<NotifyWorld> {
    const world = new NotifyWorld(random, await PushService.start());
    for (const device of world.devices) await world.subscribe(device);
    return world;
  }

  async close(): Promise<void> {
    this.#host.kill();
    await this.weather.settled();
    await this.service.close();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** No two moments of a log are one. */
  now = (): Date => {
    this.#stampMs = Math.max(this.#stampMs + 1, this.time.nowMs);
    return new Date(this.#stampMs);
  };

  async pass(ms: number): Promise<void> {
    await this.time.pass(ms, this.weather.settled);
  }

  /** Its end, some time without it, and another over the same disk. */
  async restart(how: 'killed' | 'stopped', downMs: number): Promise<void> {
    if (how === 'stopped') this.#host.stop();
    // Whatever the old one would still write is not on the disk that the new one finds.
    this.#disk = this.#disk.copy();
    this.#host.kill();
    await this.pass(downMs);
    this.#host = this.#start();
  }

  born(): void {
    const sessionId = newSessionId();
    this.#add(
      sessionId,
      {
        ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
        ...{ mode: 'ask', title: `Work ${this.idle.length}`, by: 'chaos' },
      } as EventBody,
      {
        ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
        ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
      } as EventBody,
    );
    this.idle.push(sessionId);
  }

  begin(id: SessionId): void {
    const turn = (this.#host.log.state(id)?.turn?.turn ?? 0) + 1;
    this.#add(id, { type: 'turn.started', turn, commandId: newCommandId() });
    this.ledger.over(`${id}:${turn - 1}:ended`);
    move(id, this.idle, this.working);
  }

  ask(sessionId: SessionId): void {
    const isQuestion = this.#random.is(0.15);
    const command = `npm test -- ${'x'.repeat(this.#random.is(0.1) ? 3_000 : 20)}`;
    const approval: Approval = {
      ...{ id: newApprovalId(), sessionId, title: command.slice(0, 80) },
      kind: isQuestion ? 'question' : 'execute',
      ...{ hash: 'a'.repeat(64), options: [], expiresAt: null },
      call: { tool: 'Bash', input: { command }, locations: [], diff: [] },
      risk: { level: this.#random.oneOf(['low', 'elevated', 'high'] as const) ?? 'low', marks: [] },
      decider: { role: 'approver', fresh: false },
      createdAt: this.now().toISOString(),
    };
    this.#add(sessionId, { type: 'approval.opened', approval });
    this.ledger.open({
      ...{ id: approval.id, approvalId: approval.id, sessionId, sinceMs: this.time.nowMs },
      kind: isQuestion ? 'question' : 'decision',
    });
  }

  /** By anybody, on any surface: the log says nothing of how they came to know. */
  decide({ sessionId, approvalId }: Asked): void {
    if (approvalId === null) return;
    this.#add(sessionId, this.#ending(approvalId));
    this.ledger.over(approvalId);
  }

  end(id: SessionId): void {
    for (const asked of this.ledger.asking)
      if (asked.sessionId === id && asked.approvalId !== null) this.decide(asked);
    const turn = this.#host.log.state(id)?.turn?.turn ?? 1;
    const outcome = this.#random.drawn({ completed: 4, failed: 2, cancelled: 1 });
    const problem = { kind: 'other' as const, message: 'It broke.' };
    this.#add(id, {
      ...{ type: 'turn.ended', turn, outcome: outcome as 'completed' },
      ...(outcome === 'failed' && { problem }),
    } as EventBody);
    move(id, this.working, this.idle);
    if (outcome === 'cancelled') return;
    this.ledger.open({
      ...{ id: `${id}:${turn}:ended`, sessionId: id, approvalId: null },
      kind: outcome === 'completed' ? 'finished' : 'failed',
      sinceMs: this.time.nowMs,
    });
  }

  /** What a surface can show, and thus a person see, is what the host says that asks. */
  see(all: readonly string[], by: PushDevice | 'window'): void {
    const { role } = surfaceOf(by);
    const items = new Set(this.#host.attention.now().items.map(({ id }) => id));
    const ids = all.filter((id) => items.has(id));
    this.#host.attention.seen(ids, null, { place: by === 'window' ? 'window' : by.place, role });
    for (const id of ids) this.ledger.seen(id, by);
  }

  active(at: PushDevice | 'window', isActive: boolean): void {
    this.#host.activity.heard(this.#surface(at), isActive);
  }

  /** The browser gives a subscription, and the page tells the host of it. */
  async subscribe(device: PushDevice): Promise<void> {
    device.subscription ??= this.service.subscribe(await this.#host.serverKey(device));
    await this.#host.subscribe(device);
    device.isTold = true;
  }

  /** The push service forgets it; the host finds out when it pushes. */
  unsubscribe(device: PushDevice): void {
    if (device.subscription !== null) this.service.forget(device.subscription);
    device.unsubscribed();
  }

  cutLink(device: PushDevice): void {
    device.hasLink = false;
    this.#host.activity.gone(this.#surface(device));
  }

  setPolicy(policy: NotifyPolicy): void {
    this.policy = policy;
    this.#host.attention.look();
  }

  /** What the host believes to have told of it. */
  toldOf(id: string): string {
    const item = this.#host.attention.now().items.find((each) => each.id === id);
    return item?.told.map(({ place, outcome }) => `${place} ${outcome}`).join(', ') ?? 'unknown';
  }

  #surfaces = new Map<PushDevice | 'window', ReturnType<typeof surfaceOf>>();

  /** One connection, until the host's end. */
  #surface(at: PushDevice | 'window'): ReturnType<typeof surfaceOf> {
    let surface = this.#surfaces.get(at);
    if (surface === undefined) this.#surfaces.set(at, (surface = surfaceOf(at)));
    return surface;
  }

  #start(): HostLife {
    this.lives += 1;
    this.#surfaces.clear();
    return new HostLife({
      ...{ home: this.#home, disk: this.#disk, time: this.time, now: this.now },
      post: this.weather.post,
      policy: () => this.policy,
    });
  }

  #add(id: SessionId, ...bodies: readonly EventBody[]): void {
    this.#host.log.commit((tx) => {
      for (const body of bodies) tx.append(id, body);
    });
  }

  #ending(approvalId: ApprovalId): EventBody {
    if (this.#random.is(0.1)) return { type: 'approval.closed', approvalId, reason: 'withdrawn' };
    const allowed = this.#random.is(0.7);
    return { type: 'approval.decided', approvalId, optionId: null, allowed, by: 'chaos' };
  }
}

function move<T>(what: T, from: T[], to: T[]): void {
  from.splice(from.indexOf(what), 1);
  to.push(what);
}
