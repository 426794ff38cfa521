import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { HostProblem } from '../../protocol/methods.ts';
import type { AgentPulse } from '../../protocol/reach.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { StateChange } from '../event-log/event-log.ts';
import { askOfProblem, askOfPulse, asksOf, mayAskOtherwise, type Ask } from './asks.ts';

/** What is gone again so soon is nothing to call a person for. */
export const STANDS_MS = 10_000;
/** Silence becomes worth a word by itself. */
const PULSES_AGAIN_MS = 60_000;

export interface AskBookNeeds {
  readonly log: {
    readonly changed: Pick<Emitter<StateChange>, 'on'>;
    readonly forgotten: Pick<Emitter<SessionId>, 'on'>;
    states(): ReadonlyMap<SessionId, SessionState>;
  };
  readonly problems: { readonly changed: Pick<Emitter<HostProblem[]>, 'on'>; all(): HostProblem[] };
  readonly pulses: {
    readonly changed: Pick<Emitter<readonly AgentPulse[]>, 'on'>;
    current(): readonly AgentPulse[];
  };
  readonly timers: Pick<Timers, 'after'>;
  readonly clock: { steadyMs(): number; now(): Date };
}

/** Of this machine, since when it stands. */
interface Standing {
  readonly steadyMs: number;
  readonly sinceMs: number;
}

/** All that asks for a person now, brought up to date one session at a time. */
export class AskBook {
  readonly changed = new Emitter<void>();
  readonly #needs: AskBookNeeds;
  readonly #bySession = new Map<SessionId, readonly Ask[]>();
  readonly #standing = new Map<string, Standing>();
  readonly #undo: (() => void)[] = [];
  #machine: readonly Ask[] = [];
  #all: ReadonlyMap<string, Ask> | null = null;
  #disarm: (() => void) | null = null;

  constructor(needs: AskBookNeeds) {
    this.#needs = needs;
  }

  start(): void {
    const { log, problems, pulses } = this.#needs;
    for (const state of log.states().values()) this.#take(state);
    this.#lookAtMachine();
    this.#undo.push(
      log.changed.on(({ state, previous }) => {
        if (previous === null || mayAskOtherwise(previous, state)) this.#take(state);
      }),
      log.forgotten.on((id) => {
        if (this.#bySession.delete(id)) this.#tell();
      }),
      problems.changed.on(() => this.#lookAtMachine()),
      pulses.changed.on(() => this.#lookAtMachine()),
    );
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#disarm?.();
    this.#disarm = null;
  }

  all(): ReadonlyMap<string, Ask> {
    this.#all ??= new Map(
      [...this.#bySession.values(), this.#machine].flat().map((ask) => [ask.id, ask]),
    );
    return this.#all;
  }

  #take(state: SessionState): void {
    const before = this.#bySession.get(state.id) ?? [];
    const asks = asksOf(state);
    if (asks.length === 0 && before.length === 0) return;
    if (asks.length === 0) this.#bySession.delete(state.id);
    else this.#bySession.set(state.id, asks);
    this.#tell();
  }

  /** Problems and agents, as far as it has lasted. */
  #lookAtMachine(): void {
    this.#disarm?.();
    this.#disarm = null;
    const { problems, pulses, log, clock, timers } = this.#needs;
    const nowMs = clock.steadyMs();
    const wallMs = clock.now().getTime();
    const found: Ask[] = problems.all().map((problem) => askOfProblem(problem, wallMs));
    const current = pulses.current();
    for (const pulse of current) {
      const state = log.states().get(pulse.sessionId) ?? null;
      const ask = askOfPulse(pulse, state, wallMs, wallMs);
      if (ask !== null) found.push(ask);
    }
    const ids = new Set(found.map(({ id }) => id));
    for (const id of this.#standing.keys()) if (!ids.has(id)) this.#standing.delete(id);
    const asks: Ask[] = [];
    let nextMs = current.some(({ pulse }) => pulse === 'silent') ? PULSES_AGAIN_MS : Infinity;
    for (const ask of found) {
      const standing = this.#standing.get(ask.id) ?? { steadyMs: nowMs, sinceMs: ask.sinceMs };
      this.#standing.set(ask.id, standing);
      const leftMs = standing.steadyMs + STANDS_MS - nowMs;
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else asks.push({ ...ask, sinceMs: standing.sinceMs });
    }
    if (nextMs < Infinity) this.#disarm = timers.after(nextMs, () => this.#lookAtMachine());
    if (JSON.stringify(asks) === JSON.stringify(this.#machine)) return;
    this.#machine = asks;
    this.#tell();
  }

  #tell(): void {
    this.#all = null;
    this.changed.emit();
  }
}
