import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { silentLogger } from '../../../../src/base/log.ts';
import { AcpConversations } from '../../../../src/host/agents/acp/acp-conversations.ts';
import { systemTimers } from '../../../../src/connection/timers.ts';
import { withoutOurs } from '../../../../src/host/agents/clean-env.ts';
import { AcpDriver } from '../../../../src/host/agents/acp/acp-driver.ts';
import type { Drift } from '../../../../src/host/agents/driver.ts';
import type { Holder } from '../../../../src/host/agents/open-elsewhere/open-elsewhere.ts';
import type { AgentProfile, Launch } from '../../../../src/host/agents/profile.ts';
import { composeDesk, type DeskParts } from '../../../../src/host/approvals/compose-desk.ts';
import type { Desk } from '../../../../src/host/approvals/desk.ts';
import type { Expiry } from '../../../../src/host/approvals/expiry.ts';
import type { DecidingSurface } from '../../../../src/host/approvals/proofs.ts';
import { withoutRules } from '../../../fakes/desk-without-rules.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import { Room } from '../../../../src/host/limits/room.ts';
import { newApprovalId, newInstanceId } from '../../../../src/host/ids.ts';
import type { AgentPipes } from '../../../../src/host/keeper-link/agent-pipes.ts';
import { Adoption } from '../../../../src/host/sessions/adoption.ts';
import { Commands } from '../../../../src/host/sessions/commands.ts';
import { Hibernation } from '../../../../src/host/sessions/hibernation.ts';
import type { AgentSource } from '../../../../src/host/sessions/session-agents.ts';
import type { RecoveryNeeds } from '../../../../src/host/sessions/going-on.ts';
import { DEFAULT_POLICY } from '../../../../src/host/sessions/recovery.ts';
import { Sessions } from '../../../../src/host/sessions/sessions.ts';
import { composeWorktrees } from '../../../../src/host/worktrees/compose-worktrees.ts';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import { commandIdSchema, type SessionId } from '../../../../src/protocol/ids.ts';
import type { Mode } from '../../../../src/protocol/mode.ts';
import type { SessionEvent } from '../../../../src/protocol/session/events.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import type { PromptPart } from '../../../../src/protocol/transcript/content.ts';

export const HIBERNATE_AFTER_MS = 30 * 60_000;
export const newCommandId = () => commandIdSchema.parse(v7());
export const text = (value: string): PromptPart[] => [{ type: 'text', text: value }];

export const profile: AgentProfile = {
  id: 'scripted',
  name: 'Scripted',
  modes: { by: 'setMode', native: { ask: 'ask', edits: 'edits', auto: 'auto' } },
  signIn: null,
  canLoad: true,
  sharesProcess: true,
};

/** A surface of this machine. */
export const local: DecidingSurface = { surface: 'test', role: 'operator', device: null };

export interface CoreNeeds {
  readonly pipes: AgentPipes;
  readonly folder?: string;
  readonly profile?: AgentProfile;
  /** Stands before the store, as seen by everything. */
  around?(store: Store): Store;
  /** Who has a conversation open already. */
  holder?(): Holder | null;
  /** Of an agent's own changes of mode; absent: none is put back. */
  undoes?(log: EventLog, drift: Drift): boolean;
  readonly recovery?: Partial<RecoveryNeeds>;
  /** Instead of a desk that always asks. */
  readonly approvals?: Partial<DeskParts>;
  /** Runs before a launch is given. */
  beforeLaunch?(agent: string, mode: Mode): Promise<void>;
}

/** All of the host between its keeper and its surfaces, on a database of its own. */
export class HostCore {
  readonly folder: string;
  readonly store: Store;
  readonly log: EventLog;
  readonly driver: AcpDriver;
  readonly sessions: Sessions;
  readonly adoption: Adoption;
  readonly desk: Desk;
  readonly expiry: Expiry;
  readonly commands: Commands;
  readonly hibernation: Hibernation;
  readonly room: Room;
  /** What waits for room has told, one after the other. */
  readonly problems: (string | null)[] = [];
  agentProcesses = 64;
  /** The clocks of hibernation. */
  clockAheadMs = 0;
  steadyMs = 0;

  constructor(needs: CoreNeeds) {
    this.folder = needs.folder ?? newFolder();
    const opened = openStore(join(this.folder, 'history.db'), { log: silentLogger });
    this.store = needs.around?.(opened) ?? opened;
    const now = () => new Date();
    this.log = new EventLog(this.store, { now });
    const { log, store } = this;
    const agentProfile = needs.profile ?? profile;
    this.driver = new AcpDriver({
      pipes: needs.pipes,
      log,
      store,
      logger: silentLogger,
      owner: {
        settled: (tx, id) => this.sessions.settled(tx, id),
        turnEnded: (tx, id) => this.sessions.turnEnded(tx, id),
        unheard: (tx, id, turn) => this.sessions.unheard(tx, id, turn),
      },
      approvals: { asked: (tx, id, asked) => composed.approvals.asked(tx, id, asked) },
      version: '0',
      profileOf: () => agentProfile,
      undoes: (_, change) => needs.undoes?.(this.log, change) ?? false,
      newInstanceId,
      newApprovalId,
      now,
      steadyMs: () => performance.now(),
    });
    this.commands = new Commands(log, store, now);
    const { driver, commands } = this;
    this.hibernation = new Hibernation({
      log,
      agents: driver.idle,
      logger: silentLogger,
      afterMs: () => HIBERNATE_AFTER_MS,
      steadyMs: () => this.steadyMs,
      nowMs: () => Date.now() + this.clockAheadMs,
    });
    this.room = new Room({
      agents: driver.idle,
      changed: log.changed,
      logger: silentLogger,
      limits: () => ({ agentProcesses: this.agentProcesses, freeMemoryMb: 0, freeDiskMb: 0 }),
      freeMemoryMb: async () => null,
      freeDiskMb: async () => null,
      makeRoom: async () => await this.hibernation.makeRoom(),
      tell: (problem) => this.problems.push(problem),
    });
    const agents: AgentSource = {
      launch: async (agent, mode): Promise<Launch> => {
        await needs.beforeLaunch?.(agent, mode);
        return { profile: agentProfile, command: 'scripted', args: [], env: {} };
      },
      confine: async (launch) => launch,
      checkChange: async () => {},
      preferred: async () => 'scripted',
      remember: () => {},
      defaultMode: () => 'ask',
      problemOf: (error) => ({ kind: 'other', message: String(error) }),
    };
    const env = async () => withoutOurs(process.env);
    const { places } = composeWorktrees({
      ...{ homeRoot: this.folder, log, commands, logger: silentLogger, loginEnv: env, now },
      config: () => ({ agents: {} }),
    });
    const near = { log, commands, driver, room: this.room };
    const shared = { ...near, logger: silentLogger, agents, places };
    this.sessions = new Sessions({
      ...shared,
      promptLimitBytes: () => 1_000_000,
      recovery: {
        policy: () => DEFAULT_POLICY,
        steadyMs: () => Date.now(),
        wallMs: () => Date.now(),
        random: () => 0,
        timers: systemTimers,
        ...needs.recovery,
      },
    });
    this.adoption = new Adoption({
      ...shared,
      source: new AcpConversations({
        pipes: needs.pipes,
        logger: silentLogger,
        version: '0',
        newInstanceId,
      }),
      elsewhere: { find: async () => needs.holder?.() ?? null },
      resume: async (id, by) => await this.sessions.resume(id, newCommandId(), by),
    });
    const composed = composeDesk({
      ...{ log, store, commands, driver, now, owner: this.sessions, logger: silentLogger },
      ...withoutRules,
      devices: { find: () => null, hostKey: () => '', isFresh: async () => false },
      ...needs.approvals,
    });
    this.desk = composed.desk;
    this.expiry = composed.expiry;
  }

  async restore(): Promise<this> {
    await this.driver.restore();
    this.sessions.restore();
    this.expiry.look();
    return this;
  }

  async start(prompt?: string): Promise<SessionId> {
    const commandId = newCommandId();
    const params = {
      commandId,
      cwd: this.folder,
      share: true,
      ...(prompt !== undefined && { prompt: text(prompt) }),
    };
    return (await this.sessions.start(params, 'test')).sessionId;
  }

  send(id: SessionId, prompt: string): void {
    this.sessions.send(id, newCommandId(), text(prompt), 'test');
  }

  async allow(approval: Approval, allow = true, reason?: string): Promise<string> {
    const { outcome } = await this.desk.decide(
      {
        approvalId: approval.id,
        commandId: newCommandId(),
        hash: approval.hash,
        choice: { allow },
        ...(reason !== undefined && { reason }),
      },
      local,
    );
    return outcome;
  }

  /** As a person at this machine who wants it, also where it raises the mode. */
  async setMode(id: SessionId, mode: Mode, commandId = newCommandId()) {
    const params = { sessionId: id, commandId, mode, raise: true };
    return await this.sessions.setMode(params, { surface: 'test', role: 'operator' });
  }

  state(id: SessionId): SessionState {
    return this.sessions.state(id);
  }

  events(id: SessionId): SessionEvent[] {
    return this.store.events(id, { limit: 10_000 });
  }

  types(id: SessionId): string[] {
    return this.events(id).map((event) => event.type);
  }

  async until(id: SessionId, fits: (state: SessionState) => boolean): Promise<SessionState> {
    return await eventually(() => (fits(this.state(id)) ? this.state(id) : null));
  }

  async turnEnded(id: SessionId, turn = 1): Promise<SessionState> {
    return await this.until(
      id,
      (state) => state.turn?.turn === turn && state.turn.endedAt !== null,
    );
  }

  async approval(id: SessionId): Promise<Approval> {
    const { approvals } = await this.until(id, (state) => state.approvals.length > 0);
    const [first] = approvals;
    if (first === undefined) throw new Error('no approval');
    return first;
  }

  /** Leaves as a killed host would: what is on disk stays. */
  leave(): void {
    this.room.close();
    this.driver.processes.close();
    this.sessions.goingOn.close();
    this.expiry.close();
    this.store.close();
  }

  close(): void {
    this.leave();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'porchlight-core-'));
}

/** The database as it is on disk at this moment, in a folder of its own. */
export function diskOf(folder: string): string {
  const copy = newFolder();
  for (const name of ['history.db', 'history.db-wal'])
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(copy, name));
  return copy;
}

const LIMIT_MS = 5_000;

/** Looks again after each turn of the event loop until there is something. */
export async function eventually<T>(look: () => T | null): Promise<T> {
  const until = performance.now() + LIMIT_MS;
  for (;;) {
    const found = look();
    if (found !== null) return found;
    if (performance.now() > until) throw new Error(`Not within ${LIMIT_MS} ms: ${look.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Until nothing is under way that needs no time. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
