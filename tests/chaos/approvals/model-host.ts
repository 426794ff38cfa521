import { silentLogger } from '../../../src/base/log.ts';
import { AcpDriver } from '../../../src/host/agents/acp/acp-driver.ts';
import type { SessionOwner } from '../../../src/host/agents/driver.ts';
import type { AgentProfile, Launch } from '../../../src/host/agents/profile.ts';
import { composeDesk } from '../../../src/host/approvals/compose-desk.ts';
import type { Desk } from '../../../src/host/approvals/desk.ts';
import type { Expiry } from '../../../src/host/approvals/expiry.ts';
import { withoutRules } from '../../fakes/desk-without-rules.ts';
import { EventLog, type LogWriter } from '../../../src/host/event-log/event-log.ts';
import type { Store } from '../../../src/host/event-log/store.ts';
import { newApprovalId, newInstanceId } from '../../../src/host/ids.ts';
import type { AgentPipes } from '../../../src/host/keeper-link/agent-pipes.ts';
import type { Judgement } from '../../../src/host/policy/policy.ts';
import { Commands } from '../../../src/host/sessions/commands.ts';
import { nextTurn } from '../../../src/host/sessions/next-turn.ts';
import { closeOrphanedTurn } from '../../../src/host/sessions/orphaned-turn.ts';
import { putBackUnheard } from '../../../src/host/sessions/unheard-prompt.ts';
import type { ExpiryAct } from '../../../src/protocol/approval/approval.ts';
import type { CommandId, SessionId } from '../../../src/protocol/ids.ts';

const profile: AgentProfile = {
  id: 'model',
  name: 'Model',
  modes: { by: 'launch', native: { ask: 'ask' } },
  signIn: null,
  canLoad: true,
  sharesProcess: true,
};
const launch: Launch = { profile, command: 'model', args: [], env: {} };
const shared = { launch, cwd: '/nowhere', mode: 'ask', by: 'model', shareKey: 'model' } as const;

export interface ModelHostNeeds {
  readonly store: Store;
  readonly pipes: AgentPipes;
  readonly onExpiry: ExpiryAct;
  nowMs(): number;
}

/**
 * The real desk, driver, log and commands of a host, over a keeper and a disk in memory. What they
 * need of sessions is here in a few lines: the real ones look at folders and ask git.
 */
export class ModelHost implements SessionOwner {
  readonly desk: Desk;
  readonly expiry: Expiry;
  readonly log: EventLog;
  readonly #driver: AcpDriver;
  readonly #commands: Commands;

  constructor({ store, pipes, onExpiry, nowMs }: ModelHostNeeds) {
    const now = () => new Date(nowMs());
    this.log = new EventLog(store, { now });
    const { log } = this;
    this.#driver = new AcpDriver({
      ...{ pipes, log, store, now, newInstanceId, newApprovalId },
      logger: silentLogger,
      owner: this,
      approvals: { asked: (tx, id, asked) => composed.approvals.asked(tx, id, asked) },
      version: '0',
      profileOf: () => profile,
      steadyMs: nowMs,
      undoes: () => false,
    });
    this.#commands = new Commands(log, store, now);
    const composed = composeDesk({
      ...{ log, store, now, driver: this.#driver, commands: this.#commands, owner: this },
      ...withoutRules,
      logger: silentLogger,
      policy: { judge: ({ title }) => judge(title) },
      devices: { find: () => null, hostKey: () => '', isFresh: async () => false },
      settings: () => ({ patienceMs: PATIENCE_MS, onExpiry }),
      timers: {
        nowMs,
        after: (delayMs, run) => {
          const timer = setTimeout(run, delayMs);
          return () => clearTimeout(timer);
        },
      },
    });
    this.desk = composed.desk;
    this.expiry = composed.expiry;
  }

  async restore(): Promise<void> {
    await this.#driver.restore();
    this.log.commit((tx) => {
      for (const state of this.log.states().values()) {
        if (!this.#driver.isOpen(state.id, tx)) closeOrphanedTurn(tx, state);
        this.settled(tx, state.id);
      }
    });
    this.expiry.look();
  }

  close(): void {
    this.#driver.processes.close();
    this.expiry.close();
  }

  start(sessionId: SessionId, commandId: CommandId): void {
    this.#commands.once(commandId, (tx) => {
      const { cwd, mode, by } = shared;
      const created = { sessionId, agent: 'model', cwd, worktree: null, mode, title: 't', by };
      tx.append(sessionId, { type: 'session.created', ...created } as never);
      this.#driver.open(tx, { ...shared, sessionId, agentSession: null });
      return {};
    });
  }

  send(sessionId: SessionId, commandId: CommandId): void {
    this.#commands.once(commandId, (tx) => {
      const prompt = [{ type: 'text' as const, text: 'work' }];
      tx.append(sessionId, { type: 'prompt.queued', commandId, prompt, by: 'model' });
      this.settled(tx, sessionId);
      return {};
    });
  }

  /** False when there is nothing to cancel. */
  cancel(sessionId: SessionId): boolean {
    const turn = this.log.state(sessionId)?.turn;
    if (turn === undefined || turn === null || turn.endedAt !== null) return false;
    return this.log.commit((tx) => this.#driver.cancel(tx, sessionId));
  }

  stop(sessionId: SessionId): void {
    this.log.commit((tx) => {
      this.#driver.close(tx, sessionId);
      if (tx.state(sessionId)?.state !== 'ended')
        tx.append(sessionId, { type: 'session.ended', by: 'model' });
    });
  }

  /** As `Sessions.settled`, with an agent that is there at once. */
  settled(tx: LogWriter, id: SessionId): void {
    const state = tx.state(id);
    if (state === null) return;
    const next = nextTurn(state);
    if (!this.#driver.isOpen(id, tx)) {
      if (next !== null || state.state === 'starting')
        tx.afterCommit(() => this.log.commit((after) => this.#open(after, id)));
      return;
    }
    if (next === null || state.state === 'starting') return;
    const { turn, commandId, prompt } = next;
    if (!this.#driver.prompt(tx, id, turn, commandId, prompt)) return;
    tx.append(id, { type: 'turn.started', turn, commandId });
  }

  turnEnded(): void {}

  unheard(tx: LogWriter, id: SessionId, turn: number): void {
    putBackUnheard(tx, this.log, id, turn);
  }

  #open(tx: LogWriter, id: SessionId): void {
    const state = tx.state(id);
    if (state === null || this.#driver.isOpen(id, tx)) return;
    this.#driver.open(tx, { ...shared, sessionId: id, agentSession: state.agentSession });
  }
}

export const PATIENCE_MS = 30 * 60_000;

/** Of six calls a rule allows one and refuses one. */
export function ruleOf(marker: string): 'allow' | 'deny' | 'ask' {
  const kind = Number(marker.slice('call-'.length)) % 6;
  return kind === 4 ? 'allow' : kind === 5 ? 'deny' : 'ask';
}

function judge(marker: string): Judgement {
  const decision = ruleOf(marker);
  const rule = decision === 'ask' ? null : ({ source: 'user', id: decision, text: '' } as const);
  const risk: Judgement['risk'] = { level: 'low', marks: [] };
  return { decision, rule, counted: false, risk, asks: null, fresh: false };
}
