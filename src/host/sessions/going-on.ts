import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId, SessionId } from '../../protocol/ids.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { StoreFull } from '../event-log/store.ts';
import { newCommandId } from '../ids.ts';
import { goOnPrompt, lastTurn, type CutTurn } from './cut-turn.ts';
import { nextStep, whyNotContinue, type RecoveryPolicy } from './recovery.ts';

export interface RecoveryNeeds {
  policy(): RecoveryPolicy;
  /** Time that no change of the clock moves, and that runs on while the machine sleeps. */
  steadyMs(): number;
  /** What the clock on the wall says. */
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  readonly timers: Timers;
}

export interface GoingOnNeeds extends RecoveryNeeds {
  readonly log: EventLog;
  readonly logger: Logger;
  /** The session may take its next prompt. */
  settled(tx: LogWriter, id: SessionId): void;
}

const PAGE = { limit: 500, maxBytes: 4 * 1024 * 1024, newest: true } as const;
/** A timer does not run while the machine sleeps: so none is set for long. */
const LOOK_AGAIN_MS = 60_000;
/** A clock that was set forward is believed when it has said the same for so long. */
const BELIEVED_MS = 10 * 60_000;

/**
 * How a session goes on after its turn was cut short: at once, later, or when a person says so.
 * What is decided is an event of the transaction in which the turn ends, so that a host killed at
 * any step neither forgets it nor does it twice.
 */
export class GoingOn {
  readonly #needs: GoingOnNeeds;
  /** Since when the wall clock says that a parked session is due which by the steady one is not. */
  readonly #dueByWall = new Map<SessionId, number>();
  #disarm: (() => void) | null = null;
  #isStopping = false;
  #isClosed = false;

  constructor(needs: GoingOnNeeds) {
    this.#needs = needs;
  }

  /** Everything is being ended because a person said so: nothing goes on by itself from here on. */
  stopping(): void {
    this.#isStopping = true;
  }

  close(): void {
    this.#isClosed = true;
    this.#disarm?.();
  }

  /** Inside the transaction that ended the turn. */
  turnEnded(tx: LogWriter, id: SessionId): void {
    const state = tx.state(id);
    if (state === null || state.turn === null || this.#isStopping) return;
    const { outcome } = state.turn;
    if (outcome !== 'interrupted' && outcome !== 'failed') return;
    const { policy, steadyMs, random } = this.#needs;
    const turn = this.#lastTurn(id);
    const wasRetried = turn.byHost && turn.earlierProblem === 'network';
    const { autoContinues } = state;
    const step = nextStep(
      { outcome, problem: turn.problem, wasRetried, autoContinues },
      policy(),
      steadyMs(),
      random(),
    );
    if (step.do === 'goOn') {
      this.#tell(tx, id, step.notice);
      this.#queueAhead(tx, id, turn, newCommandId(), BY_HOST);
    }
    if (step.do !== 'park') return;
    const { untilMs, reason, attempt } = step;
    const until = new Date(untilMs).toISOString();
    tx.append(id, { type: 'session.parked', until, reason, attempt });
    tx.afterCommit(() => this.look());
  }

  /** `session.continue`. Inside the command's transaction. */
  continue(tx: LogWriter, state: SessionState, commandId: CommandId, by: string): void {
    const why = whyNotContinue(state);
    if (why !== null) throw new RpcFailure('refused', why);
    this.unpark(tx, state.id, by, true);
    this.#queueAhead(tx, state.id, this.#lastTurn(state.id), commandId, by);
    this.#needs.settled(tx, state.id);
  }

  /** A person wants it to go on now, though it was to wait. False when it does not wait. */
  wake(tx: LogWriter, id: SessionId, by: string): boolean {
    if (!this.unpark(tx, id, by, true)) return false;
    this.#queueAhead(tx, id, this.#lastTurn(id), newCommandId(), by);
    this.#needs.settled(tx, id);
    return true;
  }

  /** It does not wait any more: `goesOn` is false when it is called off. False when it did not wait. */
  unpark(tx: LogWriter, id: SessionId, by: string, goesOn: boolean): boolean {
    if ((tx.state(id)?.parked ?? null) === null) return false;
    tx.append(id, { type: 'session.unparked', goesOn, by });
    tx.afterCommit(() => this.look());
    return true;
  }

  /** Lets those go on whose time has come, and looks again when the next one's does. */
  look(): void {
    this.#disarm?.();
    this.#disarm = null;
    if (this.#isClosed) return;
    let nextMs = Infinity;
    for (const { id, parked, archived } of this.#needs.log.states().values()) {
      if (parked === null || archived) {
        this.#dueByWall.delete(id);
        continue;
      }
      const inMs = this.#dueInMs(id, Date.parse(parked.until));
      if (inMs > 0 || !this.#goOn(id)) nextMs = Math.min(nextMs, Math.max(inMs, 1_000));
    }
    // What went on may have been parked anew meanwhile, and has armed its own.
    if (nextMs === Infinity || this.#disarm !== null) return;
    this.#disarm = this.#needs.timers.after(Math.min(nextMs, LOOK_AGAIN_MS), () => this.look());
  }

  #dueInMs(id: SessionId, untilMs: number): number {
    const { steadyMs, wallMs } = this.#needs;
    const inMs = untilMs - steadyMs();
    if (inMs <= 0 || wallMs() < untilMs) {
      this.#dueByWall.delete(id);
      return inMs;
    }
    const since = this.#dueByWall.get(id) ?? steadyMs();
    this.#dueByWall.set(id, since);
    return Math.min(inMs, since + BELIEVED_MS - steadyMs());
  }

  /** False when that cannot be noted now. */
  #goOn(id: SessionId): boolean {
    const { log, logger } = this.#needs;
    try {
      log.commit((tx) => {
        if (!this.unpark(tx, id, BY_HOST, true)) return;
        this.#queueAhead(tx, id, this.#lastTurn(id), newCommandId(), BY_HOST);
        this.#needs.settled(tx, id);
      });
      return true;
    } catch (error) {
      logger.warn({ sessionId: id, err: error }, 'a parked session cannot go on yet');
      if (!(error instanceof StoreFull)) throw error;
      return false;
    }
  }

  #queueAhead(tx: LogWriter, id: SessionId, turn: CutTurn, commandId: CommandId, by: string): void {
    const prompt = goOnPrompt(turn);
    tx.append(id, { type: 'prompt.queued', commandId, prompt, ahead: true, by });
  }

  #tell(tx: LogWriter, id: SessionId, text: string): void {
    tx.append(id, { type: 'notice', level: 'info', text, by: BY_HOST });
  }

  #lastTurn(id: SessionId): CutTurn {
    return lastTurn((before) =>
      this.#needs.log.events(id, before === null ? PAGE : { ...PAGE, before }),
    );
  }
}
