import { createHash } from 'node:crypto';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AgentDriver } from '../agents/driver.ts';
import type { Launch } from '../agents/profile.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { checkedFolder, repositoryRoot } from './workspace.ts';

/** What sessions need to know of the installed agents; `launch` throws when one is not usable. */
export interface AgentSource {
  launch(agent: string, mode: Mode): Promise<Launch>;
  /** The agent for a session that names none; throws an {@link RpcFailure} when that is open. */
  preferred(): Promise<string>;
  remember(agent: string): void;
  defaultMode(agent: string): Mode;
  problemOf(error: unknown): Problem;
}

export interface SessionAgentsNeeds {
  readonly log: EventLog;
  readonly driver: AgentDriver;
  readonly agents: AgentSource;
  readonly logger: Logger;
}

/** Gives sessions their agents. */
export class SessionAgents {
  readonly #needs: SessionAgentsNeeds;
  readonly #underWay = new Set<SessionId>();

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

  /** Gives a session an agent again; what goes wrong becomes `session.failed`. */
  async again({ id, agent, cwd, mode, agentSession }: SessionState): Promise<void> {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    const wanted = mode ?? this.#needs.agents.defaultMode(agent);
    try {
      await checkedFolder(cwd);
      const launch = await this.#needs.agents.launch(agent, wanted);
      const shareKey = await this.shareKey(launch, cwd);
      this.#needs.log.commit((tx) => {
        if (this.#needs.driver.isOpen(id, tx)) return;
        this.#needs.driver.open(tx, {
          sessionId: id,
          launch,
          cwd,
          mode: wanted,
          by: 'host',
          agentSession,
          shareKey,
        });
      });
    } catch (error) {
      this.#needs.logger.warn({ sessionId: id, err: error }, 'a session could not get its agent');
      const problem: Problem =
        error instanceof RpcFailure
          ? { kind: 'folder', message: error.message }
          : this.#needs.agents.problemOf(error);
      this.#needs.log.commit((tx) => tx.append(id, { type: 'session.failed', problem }));
    } finally {
      this.#underWay.delete(id);
    }
  }
}
