import type { Logger } from '../../../base/log.ts';
import type { ApprovalId, CommandId, InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { SpawnSpec } from '../../../protocol/keeper.ts';
import type { Mode } from '../../../protocol/mode.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { PromptPart } from '../../../protocol/transcript/content.ts';
import type { EventLog, LogWriter } from '../../event-log/event-log.ts';
import type { Store } from '../../event-log/store.ts';
import type { AgentPipes } from '../../keeper-link/agent-pipes.ts';
import type {
  AgentAnswer,
  AgentDriver,
  ApprovalOwner,
  OpenRequest,
  SessionOwner,
} from '../driver.ts';
import type { AgentProfile } from '../profile.ts';
import { AcpAnswers } from './acp-answers.ts';
import { AcpBook } from './acp-book.ts';
import { AcpExits, type ExitsNeeds } from './acp-exits.ts';
import { acpHello } from './acp-hello.ts';
import { AcpIdle } from './acp-idle.ts';
import { AcpInbound } from './acp-inbound.ts';
import { newlyAttached } from './acp-memo.ts';
import type { ModesNeeds } from './acp-modes.ts';
import { AcpOwn } from './acp-own.ts';
import { AcpPing } from './acp-ping.ts';
import { AcpProcesses } from './acp-processes.ts';
import { acpPrompt } from './acp-prompt.ts';
import { recapBefore } from './acp-recap.ts';
import { AcpReceipts } from './acp-receipts.ts';
import { AcpReplays } from './acp-replay.ts';
import { AcpRequests } from './acp-requests.ts';
import { AcpTurns } from './acp-turns.ts';
import { AcpWatch } from './acp-watch.ts';

export interface DriverNeeds {
  readonly pipes: AgentPipes;
  readonly log: EventLog;
  readonly store: Store;
  readonly logger: Logger;
  readonly owner: SessionOwner;
  readonly approvals: ApprovalOwner;
  readonly version: string;
  profileOf(agent: string): AgentProfile | null;
  /** Whether a mode that an agent went into by itself is put back. */
  undoes: ModesNeeds['undoes'];
  newInstanceId(): InstanceId;
  newApprovalId(): ApprovalId;
  now(): Date;
  steadyMs(): number;
}

/**
 * {@link AgentDriver} over the Agent Client Protocol, version 1. No state lives in closures: what
 * waits for an agent is on disk, so a host that is killed goes on where it was.
 */
export class AcpDriver implements AgentDriver {
  readonly processes: AcpProcesses;
  readonly idle: AcpIdle;
  readonly #needs: DriverNeeds;
  readonly #book: AcpBook;
  readonly #answers: AcpAnswers;
  readonly #turns: AcpTurns;
  readonly #receipts: AcpReceipts;
  readonly #watch: AcpWatch;
  readonly #inbound: AcpInbound;
  readonly #replays: AcpReplays;
  readonly #exits: AcpExits;
  readonly ping: AcpPing;

  constructor(needs: DriverNeeds) {
    this.#needs = needs;
    const profile = (instance: InstanceId) => this.#profile(instance);
    this.processes = new AcpProcesses({
      ...needs,
      events: {
        lines: (tx, instance, lines) => this.#inbound.lines(tx, instance, lines),
        fault: (tx, instance, line) => this.#inbound.fault(tx, instance, line),
        exited: (tx, instance, status, stderr) => this.#exits.exited(tx, instance, status, stderr),
        delivered: (instance, n) => this.#receipts.delivered(instance, n),
      },
    });
    this.#book = new AcpBook(needs.store, this.processes);
    this.#receipts = new AcpReceipts(this.#book, needs.log);
    const settled = (tx: LogWriter, sessionId: SessionId) => needs.owner.settled(tx, sessionId);
    const lost: AcpExits['lost'] = (...args) => this.#exits.lost(...args);
    this.#turns = new AcpTurns({
      book: this.#book,
      receipts: this.#receipts,
      profile,
      now: needs.now,
      settled,
      turnEnded: (tx, sessionId) => needs.owner.turnEnded(tx, sessionId),
      unheard: (tx, sessionId, turn) => needs.owner.unheard(tx, sessionId, turn),
      lost,
    });
    this.#replays = new AcpReplays(() => needs.now().getTime());
    const replays = this.#replays;
    const own = new AcpOwn({
      book: this.#book,
      processes: async (instance) => await needs.pipes.processes(instance),
      logger: needs.logger,
      commit: (work) => void (this.processes.isClosed || needs.log.commit(work)),
      later: (delayMs, act) => this.processes.later(delayMs, act),
    });
    const end: ExitsNeeds['end'] = (...args) => this.#end(...args);
    this.#exits = new AcpExits({
      ...{ book: this.#book, turns: this.#turns, profile, end },
      owner: needs.owner,
      forget: (instance) => {
        this.#inbound.forget(instance);
        this.ping.forget(instance);
      },
      closeSession: (...args) => this.#answers.closeSession(...args),
    });
    this.ping = new AcpPing({
      book: this.#book,
      commit: (work) => void (this.processes.isClosed || needs.log.commit(work)),
      steadyMs: () => performance.now(),
    });
    this.idle = new AcpIdle({ book: this.#book, own, profile, end });
    this.#answers = new AcpAnswers({
      own,
      end,
      book: this.#book,
      replays,
      turns: this.#turns,
      profile,
      settled,
      startAgain: (tx, instance) => this.#startAgain(tx, instance),
      undoes: (tx, drift) => needs.undoes(tx, drift),
      cancel: (tx, sessionId) => void this.cancel(tx, sessionId),
      lose: lost,
      pinged: (instance) => this.ping.answered(instance),
    });
    this.#watch = new AcpWatch({
      ...needs,
      book: this.#book,
      isHeard: (sessionId, withinMs) => replays.isHeard(sessionId, withinMs),
      giveUp: (instance, problem) => needs.log.commit((tx) => this.#end(tx, instance, problem)),
      giveUpOpening: (instance, sessionId, problem) =>
        needs.log.commit((tx) => this.#answers.fail(tx, instance, sessionId, problem)),
    });
    const requests = new AcpRequests({
      book: this.#book,
      turns: this.#turns,
      approvals: needs.approvals,
      logger: needs.logger,
      newApprovalId: needs.newApprovalId,
      store: needs.store,
      steadyMs: () => needs.steadyMs(),
      usedTool: (tx, instance, sessionId) => own.usedTool(tx, instance, sessionId),
    });
    this.#inbound = new AcpInbound({
      book: this.#book,
      replays,
      answers: this.#answers,
      modes: this.#answers.modes,
      turns: this.#turns,
      requests,
      receipts: this.#receipts,
      logger: needs.logger,
      profile,
      usedTool: (tx, instance, sessionId) => own.usedTool(tx, instance, sessionId),
      giveUp: (tx, instance, problem) => this.#end(tx, instance, problem),
      babbles: (instance) => this.#watch.babble(instance),
      lost: (instance) => this.#watch.silence(instance),
    });
  }

  /** Takes up what outlived the last host. Call once, before any command. */
  async restore(): Promise<void> {
    await this.processes.restore();
    for (const instance of this.#book.instances()) {
      const memo = this.#book.memo(instance);
      // The last host may have gone between noting that and doing it.
      if (memo?.ending === true) this.processes.end(instance);
      for (const attached of memo?.attached ?? []) {
        if (attached.cancelledAtMs !== null) this.#watch.cancel(instance, attached.sessionId);
        // What it has told so far went with the last host.
        const isCut = attached.phase !== 'waiting' && !this.#replays.isBegun(attached.sessionId);
        if (attached.adopting && isCut)
          this.#needs.log.commit((tx) => this.#startAgain(tx, instance));
        else if (attached.phase !== 'ready') this.#watch.opening(instance, attached.sessionId);
      }
    }
  }

  /** Everything is being ended: a turn cut short from here on is told so. */
  stopping(): void {
    this.#exits.stopping();
  }

  isOpen(sessionId: SessionId, tx?: LogWriter): boolean {
    return this.#book.place(sessionId, tx) !== null;
  }

  open(tx: LogWriter, request: OpenRequest): void {
    const { sessionId, launch, adopts = false } = request;
    const attached = newlyAttached(request, this.#needs.now().getTime());
    // What is told of an adopted one may have to begin again, which no other session shall notice.
    const shareKey = adopts ? `${request.shareKey} ${sessionId}` : request.shareKey;
    const shared = launch.profile.sharesProcess ? this.#book.sharing(tx, shareKey) : null;
    const instance = shared ?? this.#create(tx, { ...request, shareKey });
    tx.append(sessionId, { type: 'agent.starting', instance });
    this.#book.setAttached(tx, instance, attached);
    if (this.#book.memo(instance, tx)?.agent) this.#answers.openSession(tx, instance, attached);
    tx.afterCommit(() => this.#watch.opening(instance, sessionId));
  }

  prompt(
    tx: LogWriter,
    sessionId: SessionId,
    turn: number,
    commandId: CommandId,
    prompt: readonly PromptPart[],
  ): boolean {
    const place = this.#readyPlace(tx, sessionId);
    if (place === null) return false;
    const recap = recapBefore({ book: this.#book, store: this.#needs.store }, tx, place);
    const params = {
      sessionId: place.attached.agentSession,
      prompt: [...recap, ...acpPrompt(prompt)],
    };
    this.#book.request(tx, place.instance, sessionId, 'session/prompt', params, {
      kind: 'prompt',
      turn,
      commandId,
    });
    return true;
  }

  cancel(tx: LogWriter, sessionId: SessionId): boolean {
    return this.#cancel(tx, sessionId, null);
  }

  putAside(tx: LogWriter, sessionId: SessionId, problem: Problem): boolean {
    return this.#cancel(tx, sessionId, problem);
  }

  #cancel(tx: LogWriter, sessionId: SessionId, putAsideFor: Problem | null): boolean {
    const place = this.#readyPlace(tx, sessionId);
    if (place === null) return false;
    const { instance, attached } = place;
    // Asked for twice, its time runs from the first; what a person says counts.
    if (attached.cancelledAtMs !== null) {
      if (putAsideFor === null) this.#book.setAttached(tx, instance, { ...attached, putAsideFor });
      return true;
    }
    this.#turns.closeApprovals(tx, instance, sessionId, 'cancelled');
    const cancelledAtMs = this.#needs.now().getTime();
    this.#book.setAttached(tx, instance, { ...attached, cancelledAtMs, putAsideFor });
    this.#book.notify(tx, instance, 'session/cancel', { sessionId: attached.agentSession });
    tx.afterCommit(() => this.#watch.cancel(instance, sessionId));
    return true;
  }

  setMode(tx: LogWriter, sessionId: SessionId, mode: Mode, by: string): boolean {
    const place = this.#readyPlace(tx, sessionId);
    return (
      place !== null &&
      this.#answers.modes.request(tx, place.instance, place.attached, { mode, by, opening: false })
    );
  }

  isChangingMode(sessionId: SessionId, tx?: LogWriter): boolean {
    const place = this.#book.place(sessionId, tx);
    return place !== null && this.#answers.modes.isSetting(place.instance, sessionId);
  }

  setOption(tx: LogWriter, sessionId: SessionId, option: string, value: string | boolean): boolean {
    const place = this.#readyPlace(tx, sessionId);
    if (place === null) return false;
    const kind = typeof value === 'boolean' ? { type: 'boolean' } : {};
    const params = { sessionId: place.attached.agentSession, configId: option, value, ...kind };
    this.#book.request(tx, place.instance, sessionId, 'session/set_config_option', params, {
      kind: 'option',
      resetsMode: this.#profile(place.instance)?.resetsMode?.includes(option) ?? false,
    });
    return true;
  }

  answer(
    tx: LogWriter,
    sessionId: SessionId,
    approvalId: ApprovalId,
    answer: AgentAnswer,
  ): boolean {
    return this.#receipts.answer(tx, sessionId, approvalId, answer);
  }

  dismiss(
    tx: LogWriter,
    sessionId: SessionId,
    approvalId: ApprovalId,
    optionId: string | null,
  ): boolean {
    return this.#receipts.dismiss(tx, sessionId, approvalId, optionId);
  }

  cutOff(tx: LogWriter, sessionId: SessionId, problem: Problem, hangs: boolean): boolean {
    return this.#exits.cutOff(tx, sessionId, problem, hangs);
  }

  close(tx: LogWriter, sessionId: SessionId): boolean {
    const place = this.#book.place(sessionId, tx);
    if (place === null) return false;
    const { instance, attached } = place;
    this.#turns.closeApprovals(tx, instance, sessionId, 'cancelled');
    const turn = tx.state(sessionId)?.turn;
    const isRunning = turn?.endedAt === null;
    if (isRunning && attached.agentSession !== null)
      this.#book.notify(tx, instance, 'session/cancel', { sessionId: attached.agentSession });
    if (turn && isRunning) this.#turns.endTurn(tx, instance, sessionId, turn.turn, 'cancelled');
    this.#book.detach(tx, instance, sessionId);
    const isLast = this.#book.memo(instance, tx)?.attached.length === 0;
    if (isLast) this.#end(tx, instance);
    else if (attached.agentSession !== null)
      this.#answers.closeSession(tx, instance, attached.agentSession);
    return true;
  }

  #create(tx: LogWriter, { launch, cwd, processCwd, shareKey }: OpenRequest): InstanceId {
    const instance = this.#needs.newInstanceId();
    this.#book.create(tx, instance, launch, shareKey);
    this.#book.request(tx, instance, null, 'initialize', acpHello(this.#needs.version), {
      kind: 'initialize',
    });
    const spec: Omit<SpawnSpec, 'instance'> = {
      command: launch.command,
      args: launch.args,
      cwd: launch.profile.sharesProcess ? (processCwd ?? cwd) : cwd,
      env: launch.env,
    };
    tx.afterCommit(() => void this.processes.spawn(instance, spec));
    return instance;
  }

  #readyPlace(tx: LogWriter, sessionId: SessionId) {
    const place = this.#book.place(sessionId, tx);
    // What is asked of a process that is being ended would be lost with it.
    const isEnding = place !== null && this.#book.memo(place.instance, tx)?.ending === true;
    return place?.attached.phase === 'ready' && !isEnding ? place : null;
  }

  #profile(instance: InstanceId): AgentProfile | null {
    const agent = this.#book.agentOf(instance);
    return agent === null ? null : this.#needs.profileOf(agent);
  }

  /** The first reason stands, and is told to the sessions that are still on it. */
  #end(tx: LogWriter, instance: InstanceId, problem: Problem | null = null): void {
    this.#book.change(tx, instance, (memo) => ({
      ...memo,
      ending: true,
      endProblem: memo.endProblem ?? problem,
    }));
    tx.afterCommit(() => this.processes.end(instance));
  }

  #startAgain(tx: LogWriter, instance: InstanceId): void {
    this.#book.change(tx, instance, (memo) => ({ ...memo, startsAgain: true }));
    this.#end(tx, instance);
  }
}
