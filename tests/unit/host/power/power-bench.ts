import { silentLogger } from '../../../../src/base/log.ts';
import { Emitter } from '../../../../src/base/emitter.ts';
import type { LogWriter, StateChange } from '../../../../src/host/event-log/event-log.ts';
import {
  newApprovalId,
  newCommandId,
  newInstanceId,
  newSessionId,
} from '../../../../src/host/ids.ts';
import { Awake } from '../../../../src/host/power/awake.ts';
import type { DeviceReach } from '../../../../src/host/power/light.ts';
import { UserHolds } from '../../../../src/host/power/user-holds.ts';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import {
  DEFAULT_POWER_POLICY,
  type PowerPolicy,
  type PowerState,
} from '../../../../src/protocol/power.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import { FakeHolder } from '../../../fakes/fake-holder.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

export const NOON = new Date(2026, 10, 20, 12, 0).getTime();

/** The real part that decides, over sessions, a holder and a clock that a test moves. */
export class PowerBench {
  readonly timers = new FakeTimers();
  readonly holder = new FakeHolder();
  readonly states = new Map<SessionId, SessionState>();
  readonly meta = new Map<string, string>();
  /** Of the history: a restored copy has another. */
  epoch = 'e1';
  readonly audited: object[] = [];
  readonly problems: (string | null)[] = [];
  readonly told: PowerState[] = [];
  policy: PowerPolicy = DEFAULT_POWER_POLICY;
  reach: DeviceReach = { devices: [], reachedAgoMs: null };
  withoutRelay = false;
  bootedMs = 0;
  /** By how much the clock on the wall was set. */
  wallSetMs = NOON - this.timers.nowMs();
  users: UserHolds;
  awake: Awake;
  #stampMs = 0;
  readonly #log = {
    changed: new Emitter<StateChange>(),
    forgotten: new Emitter<SessionId>(),
    states: () => this.states,
  };

  constructor(policy: Partial<PowerPolicy> = {}) {
    this.policy = { ...DEFAULT_POWER_POLICY, ...policy };
    this.users = this.#newUsers();
    this.awake = this.#newAwake();
  }

  /** Another host, with what is on disk; the holder is still there. */
  reboot(): void {
    this.awake.close();
    this.users = this.#newUsers();
    this.awake = this.#newAwake();
  }

  now(): Date {
    this.#stampMs = Math.max(this.#stampMs, this.timers.nowMs() + this.wallSetMs);
    return new Date(this.#stampMs);
  }

  get state(): PowerState {
    return this.awake.state();
  }

  /** All that was set off has happened. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
  }

  async pass(ms: number, stepMs = 500): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.timers.advance(Math.min(stepMs, left));
      await this.settled();
    }
  }

  add(id: SessionId, body: EventBody): void {
    const previous = this.states.get(id) ?? null;
    const at = this.now().toISOString();
    const state = reduce(previous, { ...body, seq: (previous?.lastSeq ?? 0) + 1, at });
    this.states.set(id, state);
    this.#log.changed.emit({ state, previous });
  }

  /** An idle session with its agent. */
  born(title = 'work'): SessionId {
    const sessionId = newSessionId();
    this.add(sessionId, {
      ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
      ...{ mode: 'ask', title, by: 'test' },
    } as EventBody);
    this.add(sessionId, {
      ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
      ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
    } as EventBody);
    return sessionId;
  }

  turn(id: SessionId): void {
    const turn = (this.states.get(id)?.turn?.turn ?? 0) + 1;
    this.add(id, { type: 'turn.started', turn, commandId: newCommandId() });
  }

  ended(id: SessionId): void {
    const turn = this.states.get(id)?.turn?.turn ?? 1;
    this.add(id, { type: 'turn.ended', turn, outcome: 'completed' });
  }

  asks(id: SessionId, over: Partial<Approval> = {}): Approval {
    const approval: Approval = {
      ...{ id: newApprovalId(), sessionId: id, kind: 'execute', title: 'ls' },
      ...{ hash: 'a'.repeat(64), options: [], expiresAt: null },
      call: { tool: 'Bash', input: {}, locations: [], diff: [] },
      createdAt: this.now().toISOString(),
      ...over,
    };
    this.add(id, { type: 'approval.opened', approval });
    return approval;
  }

  decides(id: SessionId, { id: approvalId }: Pick<Approval, 'id'>): void {
    this.add(id, {
      ...{ type: 'approval.decided', approvalId, optionId: null, allowed: true, by: 'test' },
    } as EventBody);
  }

  hold(given: { forSec?: number; lid?: boolean; reason?: string } = {}): string {
    const { lid = false, ...rest } = given;
    return this.users.add(newCommandId(), { lid, ...rest }, 'test').hold.id;
  }

  release(id?: string): void {
    this.users.release(newCommandId(), id, 'test');
  }

  #newUsers(): UserHolds {
    const commit = <T>(work: (tx: LogWriter) => T): T => {
      const acts: (() => void)[] = [];
      // Of a transaction only what this part uses.
      const tx = {
        putMeta: (key: string, value: string) => void this.meta.set(key, value),
        afterCommit: (act: () => void) => void acts.push(act),
      } as unknown as LogWriter;
      const result = work(tx);
      for (const act of acts) act();
      return result;
    };
    let last = 0;
    return new UserHolds({
      store: { epoch: this.epoch, meta: (key) => this.meta.get(key) ?? null },
      commands: { once: (_, work) => commit(work) },
      audit: {
        who: (by) => ({ surface: by }),
        append: (_, { what }) => void this.audited.push(what),
      },
      logger: silentLogger,
      commit,
      newId: () => `u_${(last += 1)}${this.meta.size}`,
      now: () => this.now(),
      bootedMs: () => this.bootedMs,
    });
  }

  #newAwake(): Awake {
    const { holder, timers, users } = this;
    const awake = new Awake({
      ...{ holder, timers, users, log: this.#log, logger: silentLogger },
      clock: {
        now: () => this.now(),
        steadyMs: () => this.timers.nowMs(),
        wallMs: () => this.timers.nowMs() + this.wallSetMs,
      },
      policy: () => this.policy,
      withoutRelay: () => this.withoutRelay,
      reach: () => this.reach,
      tell: (problem) => void this.problems.push(problem),
    });
    awake.changed.on((state) => void this.told.push(state));
    awake.start();
    return awake;
  }
}
