import { createHash } from 'node:crypto';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Working } from '../sandbox/confinement.ts';
import type { AgentDriver } from '../agents/driver.ts';
import type { Launch } from '../agents/profile.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { StoreFull } from '../event-log/store.ts';
import type { Place, Room } from '../limits/room.ts';
import type { Places } from './places.ts';
import { repositoryOf } from './workspace.ts';

/** What sessions need to know of the installed agents; `launch` throws when one is not usable. */
export interface AgentSource {
  launch(agent: string, mode: Mode): Promise<Launch>;
  /** The launch kept in its folder, where that is wanted; throws where it must be and cannot. */
  confine(launch: Launch, working: Working): Promise<Launch>;
  /** Throws where a session may not be changed to that mode as its agent runs now. */
  checkChange(state: SessionState, mode: Mode, isOpen: boolean): Promise<void>;
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
  readonly room: Pick<Room, 'take' | 'ticket' | 'wait'>;
  readonly places: Places;
  readonly logger: Logger;
}

/** It was begun elsewhere, and its agent has not told its history yet: that comes with its first start. */
export function isUntold({ agentSession, agentName }: SessionState): boolean {
  return agentSession !== null && agentName === null;
}

/** A full disk puts off what cannot be noted. */
const AGAIN_MS = 2_000;

interface Attempt {
  readonly done: Promise<void>;
  isCalledOff: boolean;
}

interface Wish {
  isWanted(): boolean;
  /** Its place among those that wait for room; null for one that is refused instead. */
  readonly ticket: number | null;
}

/** Gives sessions their agents. */
export class SessionAgents {
  readonly #needs: SessionAgentsNeeds;
  readonly #underWay = new Map<SessionId, Attempt>();

  constructor(needs: SessionAgentsNeeds) {
    this.#needs = needs;
  }

  /** {@link AgentSource.launch}, confined where the session works, and refused in words. */
  async launch(agent: string, mode: Mode, cwd: string | null = null): Promise<Launch> {
    const { agents } = this.#needs;
    try {
      const launch = await agents.launch(agent, mode);
      return cwd === null ? launch : await agents.confine(launch, { mode, cwd, root: null });
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      const { message, fix } = this.#needs.agents.problemOf(error);
      throw new RpcFailure('refused', fix === undefined ? message : `${message} ${fix}`);
    }
  }

  /** Room for the agent of a new session, or a refusal in words. Give it back after its `open`. */
  async room(id: SessionId, launch: Launch, shareKey: string): Promise<Place> {
    return await this.#needs.room.take(launch.profile.sharesProcess ? shareKey : id);
  }

  /** Sessions with equal agent, command (its sandbox included), environment and repository may share a process. */
  async shareKey(launch: Launch, cwd: string): Promise<string> {
    const repository = await repositoryOf(cwd);
    const env = Object.entries(launch.env).sort(([a], [b]) => (a < b ? -1 : 1));
    const parts = JSON.stringify([launch.profile.id, launch.command, launch.args, env, repository]);
    return createHash('sha256').update(parts).digest('hex');
  }

  /**
   * Gives a session an agent again; what goes wrong becomes `session.failed`. Asked twice, it is done
   * once. Without room for another agent it waits, or throws an {@link RpcFailure} if `mayWait` is false.
   */
  async again(id: SessionId, mayWait = true): Promise<void> {
    const present = this.#underWay.get(id);
    if (present !== undefined && !present.isCalledOff) {
      try {
        return await present.done;
      } catch (error) {
        if (!mayWait) throw error;
        return await this.again(id);
      }
    }
    const wish: Wish = {
      isWanted: () => !attempt.isCalledOff,
      ticket: mayWait ? this.#needs.room.ticket() : null,
    };
    const attempt: Attempt = {
      // Not before it stands in the map, or its end would be forgotten.
      done: Promise.resolve().then(async () => await this.#bringBack(id, wish)),
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

  async #bringBack(id: SessionId, wish: Wish): Promise<void> {
    try {
      while (!(await this.#open(id, wish))) continue;
    } catch (error) {
      if (error instanceof NoRoom) throw error.refusal;
      if (!wish.isWanted()) return;
      this.#needs.logger.warn({ sessionId: id, err: error }, 'a session could not get its agent');
      this.#fail(id, error);
    }
  }

  /** False when its mode was changed while the launch for another one was prepared. */
  async #open(id: SessionId, wish: Wish): Promise<boolean> {
    const { log, agents, driver, places } = this.#needs;
    const state = log.state(id);
    if (state === null) return true;
    const { agent, cwd } = state;
    const mode = state.mode ?? agents.defaultMode(agent);
    await places.ensure(state);
    const root = state.origin?.root ?? null;
    const launch = await agents.confine(await agents.launch(agent, mode), { mode, cwd, root });
    const shareKey = await this.shareKey(launch, cwd);
    const place = await this.#place(id, launch, shareKey, wish);
    if (place === null) return true;
    try {
      return log.commit((tx) => {
        const now = tx.state(id);
        if (now === null || !wish.isWanted() || driver.isOpen(id, tx)) return true;
        if (now.mode !== state.mode) return false;
        driver.open(tx, {
          sessionId: id,
          launch,
          cwd,
          // One worktree goes while sessions of others share the process that began in it.
          ...(root !== null && launch.sandbox === undefined && { processCwd: root }),
          mode,
          by: 'host',
          agentSession: now.agentSession,
          adopts: isUntold(now),
          shareKey,
        });
        return true;
      });
    } finally {
      place();
    }
  }

  async #place(
    id: SessionId,
    launch: Launch,
    shareKey: string,
    { ticket, isWanted }: Wish,
  ): Promise<Place | null> {
    if (ticket === null)
      return await this.room(id, launch, shareKey).catch((refusal: unknown) => {
        throw new NoRoom(refusal);
      });
    const onWait = (why: string): void => {
      const text = `The prompt waits for room for its agent. ${why}`;
      this.#needs.log.commit((tx) =>
        tx.append(id, { type: 'notice', level: 'warning', text, by: 'host' }),
      );
    };
    const key = launch.profile.sharesProcess ? shareKey : id;
    return await this.#needs.room.wait(key, { ticket, isWanted, onWait });
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

/** Tells a refusal for want of room from what makes a session fail. */
class NoRoom extends Error {
  override name = 'NoRoom';
  readonly refusal: unknown;

  constructor(refusal: unknown) {
    super('No room', { cause: refusal });
    this.refusal = refusal;
  }
}
