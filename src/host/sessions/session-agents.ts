import { createHash } from 'node:crypto';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AgentDriver } from '../agents/driver.ts';
import type { Launch } from '../agents/profile.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { StoreFull } from '../event-log/store.ts';
import { checkedFolder, repositoryRoot } from './workspace.ts';

/** What sessions need to know of the installed agents; `launch` throws when one is not usable. */
export interface AgentSource {
  launch(agent: string, mode: Mode): Promise<Launch>;
  /** The agent for a session that names none; throws an {@link RpcFailure} when that is open. */
  preferred(): Promise<string>;
  remember(tx: LogWriter, agent: string): void;
  defaultMode(agent: string): Mode;
  problemOf(error: unknown): Problem;
}

export interface SessionAgentsNeeds {
  readonly log: EventLog;
  readonly driver: AgentDriver;
  readonly agents: AgentSource;
  readonly logger: Logger;
}

/** It was begun elsewhere, and its agent has not told its history yet: that comes with its first start. */
function isUntold({ agentSession, agentName }: SessionState): boolean {
  return agentSession !== null && agentName === null;
}

/** A full disk puts off what cannot be noted. */
const AGAIN_MS = 2_000;

interface Attempt {
  readonly done: Promise<void>;
  isCalledOff: boolean;
}

/** Gives sessions their agents. */
export class SessionAgents {
  readonly #needs: SessionAgentsNeeds;
  readonly #underWay = new Map<SessionId, Attempt>();

  constructor(needs: SessionAgentsNeeds) {
    this.#needs = needs;
  }

  /** {@link AgentSource.launch}, refused in words. */
  async launch(agent: string, mode: Mode): Promise<Launch> {
    try {
      return await this.#needs.agents.launch(agent, mode);
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      const { message, fix } = this.#needs.agents.problemOf(error);
      throw new RpcFailure('refused', fix === undefined ? message : `${message} ${fix}`);
    }
  }

  /** Sessions with equal agent, command, environment and repository may share a process. */
  async shareKey(launch: Launch, cwd: string): Promise<string> {
    const root = await repositoryRoot(cwd);
    const env = Object.entries(launch.env).sort(([a], [b]) => (a < b ? -1 : 1));
    const parts = JSON.stringify([launch.profile.id, launch.command, launch.args, env, root]);
    return createHash('sha256').update(parts).digest('hex');
  }

  /** Gives a session an agent again; what goes wrong becomes `session.failed`. Asked twice, it is done once. */
  async again(id: SessionId): Promise<void> {
    const present = this.#underWay.get(id);
    if (present !== undefined && !present.isCalledOff) return await present.done;
    const isWanted = () => !attempt.isCalledOff;
    const attempt: Attempt = {
      // Not before it stands in the map, or its end would be forgotten.
      done: Promise.resolve().then(async () => await this.#bringBack(id, isWanted)),
      isCalledOff: false,
    };
    this.#underWay.set(id, attempt);
    try {
      await attempt.done;
    } finally {
      if (this.#underWay.get(id) === attempt) this.#underWay.delete(id);
    }
  }

  /** The person has stopped the session: an agent on its way is not wanted any more. */
  callOff(id: SessionId): void {
    const attempt = this.#underWay.get(id);
    if (attempt !== undefined) attempt.isCalledOff = true;
  }

  async #bringBack(id: SessionId, isWanted: () => boolean): Promise<void> {
    try {
      while (!(await this.#open(id, isWanted))) continue;
    } catch (error) {
      if (!isWanted()) return;
      this.#needs.logger.warn({ sessionId: id, err: error }, 'a session could not get its agent');
      this.#fail(id, error);
    }
  }

  /** False when its mode was changed while the launch for another one was prepared. */
  async #open(id: SessionId, isWanted: () => boolean): Promise<boolean> {
    const { log, agents, driver } = this.#needs;
    const state = log.state(id);
    if (state === null) return true;
    const { agent, cwd } = state;
    const mode = state.mode ?? agents.defaultMode(agent);
    await checkedFolder(cwd);
    const launch = await agents.launch(agent, mode);
    const shareKey = await this.shareKey(launch, cwd);
    return log.commit((tx) => {
      const now = tx.state(id);
      if (now === null || !isWanted() || driver.isOpen(id, tx)) return true;
      if (now.mode !== state.mode) return false;
      const { agentSession } = now;
      const adopts = isUntold(now);
      driver.open(tx, {
        sessionId: id,
        launch,
        cwd,
        mode,
        by: 'host',
        agentSession,
        adopts,
        shareKey,
      });
      return true;
    });
  }

  #fail(id: SessionId, error: unknown): void {
    const problem: Problem =
      error instanceof RpcFailure
        ? { kind: 'folder', message: error.message }
        : this.#needs.agents.problemOf(error);
    try {
      if (error instanceof StoreFull) throw error;
      this.#needs.log.commit((tx) => tx.append(id, { type: 'session.failed', problem }));
    } catch (full) {
      if (!(full instanceof StoreFull)) throw full;
      setTimeout(() => void this.again(id), AGAIN_MS).unref();
    }
  }
}
