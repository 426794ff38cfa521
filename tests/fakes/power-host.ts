import { Emitter } from '../../src/base/emitter.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { Transport } from '../../src/connection/transport.ts';
import { Awake } from '../../src/host/power/awake.ts';
import { HolderLink } from '../../src/host/power/holder-link.ts';
import type { UserHold } from '../../src/host/power/user-holds.ts';
import { approvalIdSchema, instanceIdSchema, sessionIdSchema } from '../../src/protocol/ids.ts';
import { DEFAULT_POWER_POLICY, type PowerPolicy } from '../../src/protocol/power.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { reduce } from '../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../src/protocol/session/state.ts';
import type { FakeMachine } from './fake-machine.ts';
import { FakeSocket, type HolderWorld } from './holder-world.ts';

export type Doing = 'idle' | 'working' | 'waiting';

/** What of a host lives through its crashes: its sessions, what people asked for, its configuration. */
export class PowerHost {
  readonly sessions = new Map<SessionState['id'], SessionState>();
  readonly userHolds = new Map<string, UserHold>();
  policy: PowerPolicy = { ...DEFAULT_POWER_POLICY, keepAwake: 'lid' };
  readonly #machine: FakeMachine;
  readonly #world: HolderWorld;
  #running: Running | null = null;
  #ids = 0;

  constructor(machine: FakeMachine, world: HolderWorld) {
    this.#machine = machine;
    this.#world = world;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  get awake(): Awake | null {
    return this.#running?.awake ?? null;
  }

  start(): void {
    this.#running ??= new Running(this.#machine, this.#world, this);
  }

  /** Nothing that it was about to do happens any more. */
  crash(): void {
    this.#running?.crash();
    this.#running = null;
  }

  session(name: 'a' | 'b', doing: Doing): void {
    const id = sessionIdSchema.parse(`s_00000000000${name}`);
    const previous = this.sessions.get(id) ?? null;
    const state = stateOf(id, doing, this.#nowIso);
    this.sessions.set(id, state);
    this.#running?.log.changed.emit({ state, previous });
  }

  hold(forMs: number, lid: boolean): void {
    const id = `u_${++this.#ids}`;
    const since = this.#nowIso;
    const until = new Date(Date.parse(since) + forMs).toISOString();
    this.userHolds.set(id, { id, reason: 'by hand', by: 'cli', since, until, lid });
    this.#running?.users.changed.emit();
  }

  release(): void {
    this.userHolds.clear();
    this.#running?.users.changed.emit();
  }

  setPolicy(policy: Partial<PowerPolicy>): void {
    this.policy = { ...this.policy, ...policy };
    this.#running?.awake.look();
  }

  get #nowIso(): string {
    return new Date(this.#machine.time.nowMs()).toISOString();
  }
}

class Running {
  readonly awake: Awake;
  readonly log = {
    changed: new Emitter<{ state: SessionState; previous: SessionState | null }>(),
    forgotten: new Emitter<SessionState['id']>(),
  };
  readonly users = { changed: new Emitter<void>() };
  readonly #link: HolderLink;
  readonly #sockets = new Set<FakeSocket>();
  #isAlive = true;

  constructor(machine: FakeMachine, world: HolderWorld, host: PowerHost) {
    const { time } = machine;
    const timers = {
      nowMs: () => time.nowMs(),
      after: (delayMs: number, run: () => void) =>
        time.after(delayMs, () => {
          if (this.#isAlive) run();
        }),
    };
    this.#link = new HolderLink({
      connect: async () => this.#connect(world),
      run: () => {
        if (this.#isAlive && world.running === null) world.startHolder();
        return { ended: new Promise<string>(() => {}) };
      },
      hostPid: 1,
      hostVersion: '1.0.0',
      timers,
      random: () => 0.5,
      logger: silentLogger,
    });
    this.awake = new Awake({
      log: {
        ...this.log,
        states: () => host.sessions,
        // It follows changed and forgotten, and reads states.
      } as unknown as ConstructorParameters<typeof Awake>[0]['log'],
      holder: this.#link,
      users: {
        all: () => [...host.userHolds.values()],
        sleepWhenDone: false,
        slept: () => {},
        drop: (ids) => {
          if (this.#isAlive) for (const id of ids) host.userHolds.delete(id);
        },
        changed: this.users.changed,
      },
      clock: {
        now: () => new Date(time.nowMs()),
        steadyMs: () => time.nowMs(),
        wallMs: () => time.nowMs(),
      },
      timers,
      logger: silentLogger,
      policy: () => host.policy,
      withoutRelay: () => true,
      reach: () => ({ devices: [], reachedAgoMs: null }),
      tell: () => {},
    });
    this.awake.start();
    if (machine.entries.size > 0) this.#link.start();
    else this.#link.find().catch(() => {});
  }

  crash(): void {
    this.#isAlive = false;
    this.awake.close();
    this.#link.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(world: HolderWorld): Transport | null {
    if (!this.#isAlive || world.running === null) return null;
    const socket = new FakeSocket();
    this.#sockets.add(socket);
    world.running.process.onDeath.push(() => socket.destroy());
    world.running.holder.accept(socket.asSocket);
    return {
      bufferedBytes: 0,
      start: ({ message, close }) => {
        socket.onText = message;
        socket.on('close', () => close('the other side closed'));
      },
      send: (text) => socket.send(`${text}\n`),
      close: () => socket.destroy(),
    };
  }
}

function stateOf(id: SessionState['id'], doing: Doing, at: string): SessionState {
  const created: SessionEvent = {
    type: 'session.created',
    ...{
      sessionId: id,
      agent: 'demo',
      cwd: '/w',
      worktree: null,
      mode: 'ask',
      title: 'x',
      by: 'cli',
    },
    ...{ seq: 1, at },
  };
  const base: SessionState = { ...reduce(null, created), state: 'idle', updatedAt: at };
  if (doing === 'idle') return base;
  const turn = { turn: 1, startedAt: at, endedAt: null, outcome: null };
  const instance = instanceIdSchema.parse('i_000000000001');
  if (doing === 'working') return { ...base, state: 'working', turn, instance };
  const approval = {
    id: approvalIdSchema.parse('a_000000000001'),
    createdAt: at,
    expiresAt: null,
    onExpiry: 'stay',
  };
  // The power part reads these members only.
  const approvals = [approval] as unknown as SessionState['approvals'];
  return { ...base, state: 'waiting', turn, instance, approvals };
}
