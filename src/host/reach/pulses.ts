import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { AgentProcess } from '../../protocol/keeper.ts';
import type { AgentPulse } from '../../protocol/reach.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AgentPings } from '../agents/driver.ts';
import { UNSEEN, type LookAtProcesses } from './seen.ts';
import { LATELY_MS, pulseOf, type AgentFacts, type Judged } from './pulse.ts';

/** How often agents are looked at while one of them has work and was not heard of lately. */
const LOOK_EVERY_MS = 10_000;
const LOOK_LIMIT_MS = 6_000;
/** Looked at one after another, many would take long. */
const MAX_AT_ONCE = 8;

export interface PulsesNeeds {
  states(): Iterable<SessionState>;
  /** Some session changed: perhaps an agent has something to do again. */
  readonly changed: { on(listener: () => void): () => void };
  readonly pings: AgentPings;
  processes(instance: InstanceId): Promise<readonly AgentProcess[]>;
  readonly look: LookAtProcesses;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** One agent as it was found. `ms`: how long its answer took. */
export interface Probed {
  readonly pulse: AgentPulse;
  readonly ms: number | null;
}

/**
 * What every agent is doing. It is looked at only while a turn runs and nothing was heard for a
 * while, so that a machine with nothing to do is left in peace.
 */
export class Pulses {
  /** Those worth telling: neither idle nor gone. */
  readonly changed = new Emitter<readonly AgentPulse[]>();
  readonly #needs: PulsesNeeds;
  #pulses = new Map<SessionId, AgentPulse>();
  #cancel: (() => void) | null = null;
  #stopFollowing: () => void = () => {};
  #isClosed = false;

  constructor(needs: PulsesNeeds) {
    this.#needs = needs;
  }

  start(): void {
    this.#stopFollowing = this.#needs.changed.on(() => this.#arm());
    this.#arm();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopFollowing();
    this.#cancel?.();
  }

  current(): readonly AgentPulse[] {
    return [...this.#pulses.values()].filter(({ pulse }) => pulse !== 'idle' && pulse !== 'gone');
  }

  of(id: SessionId): AgentPulse | null {
    return this.#pulses.get(id) ?? null;
  }

  /** Asks every agent now; each within `limitMs`. */
  async probe(limitMs: number): Promise<Map<SessionId, Probed>> {
    const states = this.#shown();
    const asked = new Map<InstanceId, Promise<number | null>>();
    for (const { instance } of states)
      if (instance !== null && !asked.has(instance))
        asked.set(instance, this.#ask(instance, limitMs));
    const found = new Map<SessionId, Probed>();
    await each(states, async (state) => {
      const ms = state.instance === null ? null : ((await asked.get(state.instance)) ?? null);
      found.set(state.id, { pulse: await this.#judge(state, true), ms });
    });
    this.#tell(new Map([...found].map(([id, { pulse }]) => [id, pulse])));
    return found;
  }

  #shown(): SessionState[] {
    return [...this.#needs.states()].filter(({ archived }) => !archived);
  }

  #arm(): void {
    if (this.#isClosed || this.#cancel !== null) return;
    if (!this.#shown().some(isAtWork)) {
      if (this.#pulses.size > 0) this.#tell(new Map());
      return;
    }
    this.#cancel = this.#needs.timers.after(LOOK_EVERY_MS, () => {
      void this.#look().finally(() => {
        this.#cancel = null;
        this.#arm();
      });
    });
  }

  async #look(): Promise<void> {
    try {
      const found = new Map<SessionId, AgentPulse>();
      await each(this.#shown().filter(isAtWork), async (state) => {
        if (state.instance !== null && this.#isQuiet(state))
          await this.#ask(state.instance, LOOK_LIMIT_MS);
        found.set(state.id, await this.#judge(state, this.#isQuiet(state)));
      });
      if (!this.#isClosed) this.#tell(found);
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'agents could not be looked at');
    }
  }

  async #ask(instance: InstanceId, limitMs: number): Promise<number | null> {
    // A full disk takes no question; that is told elsewhere.
    return await this.#needs.pings.ask(instance, limitMs).catch(() => null);
  }

  /** `looks`: also at its processes. */
  async #judge(state: SessionState, looks: boolean): Promise<AgentPulse> {
    const now = this.#needs.timers.nowMs();
    const { pulse, because }: Judged = pulseOf(state, await this.#facts(state, looks), now);
    const before = this.#pulses.get(state.id);
    return {
      sessionId: state.id,
      pulse,
      since: before?.pulse === pulse ? before.since : this.#since(state, pulse, now),
      heardAt: pulse === 'gone' ? null : state.heardAt,
      because,
    };
  }

  /** What is noticed late began when the agent was last heard of. */
  #since(state: SessionState, pulse: Judged['pulse'], nowMs: number): string {
    const isQuiet = pulse === 'silent' || pulse === 'hangs' || pulse === 'waitsForModel';
    return isQuiet && Date.parse(state.heardAt) < nowMs
      ? state.heardAt
      : new Date(nowMs).toISOString();
  }

  async #facts(state: SessionState, looks: boolean): Promise<AgentFacts | null> {
    const { instance } = state;
    if (instance === null) return null;
    const unansweredMs = this.#needs.pings.openForMs(instance);
    if (!looks) return { ...UNSEEN, unansweredMs };
    const processes = await this.#needs.processes(instance).catch(() => []);
    return { ...(await this.#needs.look(agentsOwn(processes, state))), unansweredMs };
  }

  #isQuiet({ heardAt }: SessionState): boolean {
    return Math.abs(this.#needs.timers.nowMs() - Date.parse(heardAt)) >= LATELY_MS;
  }

  #tell(found: Map<SessionId, AgentPulse>): void {
    const before = JSON.stringify(this.current());
    this.#pulses = found;
    const now = this.current();
    if (JSON.stringify(now) !== before) this.changed.emit(now);
  }
}

function isAtWork({ state, instance }: SessionState): boolean {
  return instance !== null && (state === 'working' || state === 'waiting' || state === 'starting');
}

/** The first process and its children; while a tool runs the first alone: the others may be the tool's. */
function agentsOwn(processes: readonly AgentProcess[], { openTools }: SessionState): number[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const roots = processes.filter(({ parent }) => parent === undefined || !pids.has(parent));
  if (openTools.length > 0) return roots.map(({ pid }) => pid);
  const children = processes.filter(({ parent }) => roots.some(({ pid }) => pid === parent));
  return [...roots, ...children].map(({ pid }) => pid);
}

async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, worker));
}
