import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { InstanceStatus } from '../../../protocol/keeper.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { SessionOwner } from '../driver.ts';
import type { AgentProfile } from '../profile.ts';
import type { AcpBook } from './acp-book.ts';
import { exitProblem, STOPPED } from './acp-exit.ts';
import { cutShort, type AcpTurns } from './acp-turns.ts';

export interface ExitsNeeds {
  readonly book: AcpBook;
  readonly turns: AcpTurns;
  readonly owner: Pick<SessionOwner, 'settled' | 'unheard'>;
  profile(instance: InstanceId): AgentProfile | null;
  /** Has the process ended; `exited` follows. */
  end(tx: LogWriter, instance: InstanceId, problem?: Problem | null): void;
  /** Has the agent forget one session of its process, where it knows how. */
  closeSession(tx: LogWriter, instance: InstanceId, agentSession: string): void;
  /** Drops what was kept of a process in memory. */
  forget(instance: InstanceId): void;
}

/** How sessions lose their agent: it went away by itself, or they are cut off from it. */
export class AcpExits {
  readonly #needs: ExitsNeeds;
  #isStopping = false;

  constructor(needs: ExitsNeeds) {
    this.#needs = needs;
  }

  /** From here on a turn that is cut short was so because everything was told to stop. */
  stopping(): void {
    this.#isStopping = true;
  }

  /** Alone, its adapter is ended too, and with it what the dead process had started. */
  lost(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void {
    const { book, end } = this.#needs;
    if (book.memo(instance, tx)?.attached.length === 1) return end(tx, instance);
    book.detach(tx, instance, sessionId);
    const gone = { expected: false, code: null, signal: null };
    tx.append(sessionId, { type: 'agent.exited', instance, ...gone });
  }

  /** See {@link AgentDriver.cutOff}. */
  cutOff(tx: LogWriter, sessionId: SessionId, problem: Problem, hangs: boolean): boolean {
    const { book, turns } = this.#needs;
    const place = book.place(sessionId, tx);
    if (place === null) return false;
    const { instance, attached } = place;
    const isAlone = book.memo(instance, tx)?.attached.length === 1;
    if (isAlone || hangs) {
      this.#needs.end(tx, instance, problem);
      return true;
    }
    const turn = tx.state(sessionId)?.turn;
    if (turn && turn.endedAt === null) {
      if (attached.agentSession !== null)
        book.notify(tx, instance, 'session/cancel', { sessionId: attached.agentSession });
      const [outcome, why] = cutShort(attached, problem);
      turns.endTurn(tx, instance, sessionId, turn.turn, outcome, why);
    }
    book.detach(tx, instance, sessionId);
    if (attached.agentSession !== null)
      this.#needs.closeSession(tx, instance, attached.agentSession);
    const gone = { expected: true, code: null, signal: null };
    tx.append(sessionId, { type: 'agent.exited', instance, ...gone });
    return true;
  }

  exited(tx: LogWriter, instance: InstanceId, status: InstanceStatus | null, stderr: string): void {
    const { book, turns, owner } = this.#needs;
    const memo = book.memo(instance, tx);
    const problem =
      memo?.endProblem ??
      (this.#isStopping ? STOPPED : exitProblem(this.#needs.profile(instance), status, stderr));
    const isStop = this.#isStopping || (memo?.ending === true && !memo.hibernating);
    const unheard = book.unheardTurns(instance, status?.lastWritten ?? Infinity);
    this.#needs.forget(instance);
    book.drop(tx, instance);
    const lastWritten = status?.lastWritten ?? null;
    for (const attached of memo?.attached ?? []) {
      const { sessionId, phase } = attached;
      const turn = tx.state(sessionId)?.turn;
      if (turn && turn.endedAt === null) {
        const [outcome, why] = cutShort(attached, problem);
        turns.endTurn(tx, instance, sessionId, turn.turn, outcome, why, lastWritten);
        if (outcome === 'interrupted' && !isStop && unheard.has(`${sessionId} ${turn.turn}`))
          owner.unheard(tx, sessionId, turn.turn);
      }
      tx.append(sessionId, {
        type: 'agent.exited',
        instance,
        expected: this.#isStopping || (memo?.ending ?? false),
        ...(memo?.hibernating === true && { hibernated: true }),
        code: status?.code ?? null,
        signal: status?.signal ?? null,
      });
      // Gone with its keeper, or never begun: nothing was asked of it yet, so it starts again.
      if (phase !== 'ready' && status !== null && memo?.startsAgain !== true)
        tx.append(sessionId, { type: 'session.failed', problem });
      else owner.settled(tx, sessionId);
    }
  }
}
