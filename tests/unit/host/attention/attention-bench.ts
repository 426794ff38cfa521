import { Emitter } from '../../../../src/base/emitter.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { Activity, type ActiveSurface } from '../../../../src/host/attention/activity.ts';
import { AskBook } from '../../../../src/host/attention/ask-book.ts';
import { Attention } from '../../../../src/host/attention/attention.ts';
import type { Courier, Outlet } from '../../../../src/host/attention/notice.ts';
import { StoreFull } from '../../../../src/host/event-log/store.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import {
  newApprovalId,
  newCommandId,
  newInstanceId,
  newSessionId,
} from '../../../../src/host/ids.ts';
import { Problems } from '../../../../src/host/problems.ts';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import {
  DEFAULT_NOTIFY_POLICY,
  type AttentionItem,
  type NotifyPolicy,
  type Place,
} from '../../../../src/protocol/attention.ts';
import type { Role } from '../../../../src/protocol/devices.ts';
import type { ApprovalId, SessionId } from '../../../../src/protocol/ids.ts';
import type { AgentPulse } from '../../../../src/protocol/reach.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import type { EventBody, Problem } from '../../../../src/protocol/session/events.ts';
import { FakeCourier, type FakeScreen } from '../../../fakes/fake-courier.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { MemoryDisk, memoryStore } from '../../../fakes/memory-store.ts';

export const NOON = new Date(2026, 10, 20, 12, 0).getTime();

export const device = (n: number): Place => `device:${deviceId(n)}`;
const deviceId = (n: number) => deviceIdSchema.parse(Buffer.alloc(16, n).toString('base64url'));

/** The real parts that decide, over a real log, a courier and a clock that a test moves. */
export class AttentionBench {
  readonly timers = new FakeTimers();
  disk = new MemoryDisk();
  epoch = 'epoch';
  readonly outlets = new Map<Place, Outlet>();
  readonly screens = new Map<Place, FakeScreen>();
  policy: NotifyPolicy = DEFAULT_NOTIFY_POLICY;
  pulses: readonly AgentPulse[] = [];
  isDiskFull = false;
  /** By how much the clock on the wall was set. */
  wallSetMs = NOON - this.timers.nowMs();
  problems = new Problems();
  courier = new FakeCourier(this.outlets, this.screens);
  log: EventLog;
  activity: Activity;
  attention: Attention;
  readonly #courierOf: ((bench: AttentionBench) => Courier) | null;
  readonly #pulsesChanged = new Emitter<readonly AgentPulse[]>();
  readonly #surfaces = new Map<Place, ActiveSurface>();
  #asks: AskBook;
  #stampMs = 0;

  /** `courierOf`: what stands in for the fake one, made anew for each host. */
  constructor(
    policy: Partial<NotifyPolicy> = {},
    courierOf: ((bench: AttentionBench) => Courier) | null = null,
  ) {
    this.#courierOf = courierOf;
    this.policy = { ...DEFAULT_NOTIFY_POLICY, ...policy };
    [this.log, this.#asks, this.activity, this.attention] = this.#newHost();
  }

  /** Another host over what is on disk; the old one is killed. */
  restart(): void {
    this.#asks.close();
    // Killed, it writes nothing more: what it would do at its end does not reach the disk.
    const disk = this.disk.copy();
    this.attention.close();
    this.disk = disk;
    this.problems = new Problems();
    const { isReady } = this.courier;
    this.courier = new FakeCourier(this.outlets, this.screens);
    this.courier.isReady = isReady;
    [this.log, this.#asks, this.activity, this.attention] = this.#newHost();
  }

  now(): Date {
    this.#stampMs = Math.max(this.#stampMs, this.timers.nowMs() + this.wallSetMs);
    return new Date(this.#stampMs);
  }

  pass(seconds: number): void {
    this.timers.advance(seconds * 1_000);
  }

  /** What was set off has happened. */
  settle(): void {
    this.timers.advance(0);
  }

  get items(): AttentionItem[] {
    return this.attention.now().items;
  }

  outlet(place: Place, over: Partial<Outlet> = {}): void {
    const kind = place.startsWith('device:') ? 'push' : (place as 'desktop' | 'ntfy' | 'webhook');
    this.outlets.set(place, {
      place,
      kind,
      role: 'operator',
      kinds: null,
      activeAtMs: null,
      ...over,
    });
    this.courier.outletsChanged.emit();
  }

  /** Ids that stand there now, in order. */
  at(place: Place): string[] {
    return [...this.courier.screen(place).standing.keys()];
  }

  active(place: Place, isActive = true, role: Role = 'operator'): void {
    this.activity.heard(this.surface(place, role), isActive);
  }

  surface(place: Place, role: Role = 'operator'): ActiveSurface {
    const known = this.#surfaces.get(place);
    if (known !== undefined) return known;
    const id = place.startsWith('device:') ? deviceIdSchema.parse(place.slice(7)) : null;
    const surface = { surface: place, role, device: id === null ? null : { id } };
    this.#surfaces.set(place, surface);
    return surface;
  }

  seen(ids: readonly string[], place: Place = 'window', role: Role = 'operator'): void {
    this.attention.seen(ids, null, { place, role });
  }

  setPulses(pulses: readonly AgentPulse[]): void {
    this.pulses = pulses;
    this.#pulsesChanged.emit(pulses);
  }

  add(id: SessionId, ...bodies: readonly EventBody[]): void {
    this.log.commit((tx) => {
      for (const body of bodies) tx.append(id, body);
    });
  }

  /** An idle session with its agent. */
  born(title = 'work'): SessionId {
    const sessionId = newSessionId();
    this.add(
      sessionId,
      {
        ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
        ...{ mode: 'ask', title, by: 'test' },
      } as EventBody,
      {
        ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
        ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
      } as EventBody,
    );
    return sessionId;
  }

  turn(id: SessionId): void {
    const turn = (this.log.state(id)?.turn?.turn ?? 0) + 1;
    this.add(id, { type: 'turn.started', turn, commandId: newCommandId() });
  }

  ended(
    id: SessionId,
    outcome: Extract<EventBody, { type: 'turn.ended' }>['outcome'] = 'completed',
    problem?: Problem,
  ): void {
    const turn = this.log.state(id)?.turn?.turn ?? 1;
    this.add(id, { type: 'turn.ended', turn, outcome, ...(problem && { problem }) });
  }

  approval(id: SessionId, over: Partial<Approval> = {}): Approval {
    return {
      ...{ id: newApprovalId(), sessionId: id, kind: 'execute', title: 'npm test' },
      ...{ hash: 'a'.repeat(64), options: [], expiresAt: null },
      call: { tool: 'Bash', input: { command: 'npm test' }, locations: [], diff: [] },
      risk: { level: 'low', marks: [] },
      decider: { role: 'approver', fresh: false },
      createdAt: this.now().toISOString(),
      ...over,
    };
  }

  asks(id: SessionId, over: Partial<Approval> = {}): ApprovalId {
    const approval = this.approval(id, over);
    this.add(id, { type: 'approval.opened', approval });
    return approval.id;
  }

  decides(id: SessionId, approvalId: ApprovalId): void {
    this.add(id, {
      ...{ type: 'approval.decided', approvalId, optionId: null, allowed: true, by: 'test' },
    } as EventBody);
  }

  #newHost(): [EventLog, AskBook, Activity, Attention] {
    const { timers, problems } = this;
    const courier = this.#courierOf?.(this) ?? this.courier;
    const startMs = timers.nowMs();
    const startWallMs = startMs + this.wallSetMs;
    const clock = {
      // As in clock.ts: the wall clock at the start, and what has passed since.
      steadyMs: () => startWallMs + timers.nowMs() - startMs,
      wallMs: () => timers.nowMs() + this.wallSetMs,
      now: () => this.now(),
    };
    const store = { ...memoryStore(this.disk), epoch: this.epoch };
    const log = new EventLog(store, { now: () => this.now() });
    const pulses = { changed: this.#pulsesChanged, current: () => this.pulses };
    const asks = new AskBook({ log, problems, pulses, timers, clock });
    const activity = new Activity(clock.steadyMs);
    const attention = new Attention({
      ...{ asks, activity, courier, store, timers, clock, logger: silentLogger },
      commit: (work) => {
        if (this.isDiskFull) throw new StoreFull('The disk is full.');
        log.commit(work);
      },
      policy: () => this.policy,
    });
    asks.start();
    attention.start();
    return [log, asks, activity, attention];
  }
}
