import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId, SessionId } from '../../protocol/ids.ts';
import { ADOPT_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { ParsedParams, Result } from '../../protocol/methods.ts';
import type { SessionState, SessionStateName } from '../../protocol/session/state.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import type { SessionOwner } from '../agents/driver.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { newSessionId } from '../ids.ts';
import type { Commands } from './commands.ts';
import { GoingOn, type RecoveryNeeds } from './going-on.ts';
import { nextTurn } from './next-turn.ts';
import { closeOrphanedTurn } from './orphaned-turn.ts';
import { checkPrompt, checkQueue, titleOf } from './prompt.ts';
import { isUntold, SessionAgents, type SessionAgentsNeeds } from './session-agents.ts';
import { putBackUnheard } from './unheard-prompt.ts';
import { SessionModes, type ModeAsker } from './session-modes.ts';
import { untilStarted } from './waits.ts';
import { checkedFolder } from './workspace.ts';

export interface SessionsNeeds extends SessionAgentsNeeds {
  readonly commands: Commands;
  readonly recovery: RecoveryNeeds;
  promptLimitBytes(): number;
}

/** Sessions as surfaces command them. Everything that happens is an event; this decides what may. */
export class Sessions implements SessionOwner {
  readonly #needs: SessionsNeeds;
  readonly #agents: SessionAgents;
  readonly #modes: SessionModes;
  readonly goingOn: GoingOn;

  constructor(needs: SessionsNeeds) {
    this.#needs = needs;
    const settled = (tx: LogWriter, id: SessionId) => this.settled(tx, id);
    this.goingOn = new GoingOn({ ...needs, ...needs.recovery, settled });
    this.#agents = new SessionAgents(needs);
    this.#modes = new SessionModes({
      ...needs,
      state: (id) => this.state(id),
      launch: async (state, mode) => {
        await needs.agents.checkChange(state, mode, needs.driver.isOpen(state.id));
        return await this.#agents.launch(state.agent, mode);
      },
    });
  }

  get log(): EventLog {
    return this.#needs.log;
  }

  /** Prompts that waited when the host went away go on. */
  restore(): void {
    this.log.commit((tx) => {
      for (const state of this.log.states().values()) {
        if (!this.#needs.driver.isOpen(state.id, tx) && closeOrphanedTurn(tx, state))
          this.turnEnded(tx, state.id);
        this.settled(tx, state.id);
      }
    });
    this.goingOn.look();
  }

  state(id: SessionId): SessionState {
    const state = this.log.state(id);
    if (state === null)
      throw new RpcFailure('notFound', `There is no session ${id}: see "porchlight ls --all".`);
    return state;
  }

  async start(params: ParsedParams<'session.start'>, by: string): Promise<Result<'session.start'>> {
    const { commandId } = params;
    // Sent again, it is not judged again: the folder may be gone by now.
    const earlier = this.#needs.commands.earlier<Result<'session.start'>>(commandId);
    const started = earlier ?? (await this.#create(params, by));
    await untilStarted(this.log, started.sessionId);
    return started;
  }

  async #create(
    params: ParsedParams<'session.start'>,
    by: string,
  ): Promise<Result<'session.start'>> {
    const { commandId } = params;
    const { agents, places } = this.#needs;
    if (params.prompt !== undefined) checkPrompt(params.prompt, this.#needs.promptLimitBytes());
    const folder = await checkedFolder(params.cwd);
    const agent = params.agent ?? (await agents.preferred());
    const mode = params.mode ?? agents.defaultMode(agent);
    const launch = await this.#agents.launch(agent, mode, folder);
    const title = params.title ?? titleOf(params.prompt, folder);
    const { isolate = null, share } = params;
    const claim = await places.plan({ cwd: folder, isolate, share, title });
    const shareKey = await this.#agents.shareKey(launch, folder);
    const sessionId = newSessionId();
    const room = await this.#agents.room(sessionId, launch, shareKey);
    let isHeld = false;
    const create = (tx: LogWriter): Result<'session.start'> => {
      const { cwd, worktree, origin, shared } = claim(this.log.states().values());
      tx.append(sessionId, {
        type: 'session.created',
        sessionId,
        agent,
        cwd,
        worktree,
        ...(origin !== undefined && { origin }),
        ...(shared && { shared }),
        mode,
        title,
        named: params.title !== undefined,
        by,
      });
      if (params.prompt !== undefined)
        tx.append(sessionId, { type: 'prompt.queued', commandId, prompt: params.prompt, by });
      const request = { sessionId, launch, cwd, mode, by, agentSession: null, shareKey };
      // A worktree takes its time: the agent comes when it is there, also after a host that was killed.
      if (worktree === null) this.#needs.driver.open(tx, request);
      else
        tx.afterCommit(() => {
          isHeld = true;
          void this.#agents.again(sessionId).finally(room);
        });
      agents.remember(tx, agent);
      return { sessionId, cwd, worktree };
    };
    try {
      return this.#needs.commands.once(commandId, create);
    } finally {
      if (!isHeld) room();
    }
  }

  send(
    id: SessionId,
    commandId: CommandId,
    prompt: PromptPart[],
    by: string,
  ): Result<'session.send'> {
    checkPrompt(prompt, this.#needs.promptLimitBytes());
    return this.#needs.commands.once(commandId, (tx) => {
      const state = this.state(id);
      if (state.archived)
        throw new RpcFailure('refused', `The session ${id} is archived: bring it back first.`);
      this.#needs.places.checkReturn(state);
      checkQueue(state.queue, prompt);
      const isBusy = state.turn !== null && state.turn.endedAt === null;
      this.goingOn.unpark(tx, id, by, true);
      tx.append(id, { type: 'prompt.queued', commandId, prompt, by });
      this.settled(tx, id);
      return { commandId, position: state.queue.length + (isBusy ? 1 : 0) };
    });
  }

  unqueue(
    id: SessionId,
    commandId: CommandId,
    prompt: CommandId,
    by: string,
  ): Result<'session.unqueue'> {
    return this.#needs.commands.once(commandId, (tx) => {
      if (!this.state(id).queue.some((each) => each.commandId === prompt))
        throw new RpcFailure(
          'refused',
          'That prompt no longer waits: it has been sent to the agent, or taken back.',
        );
      tx.append(id, { type: 'prompt.dropped', commandId: prompt, by });
      return {};
    });
  }

  /** Has the agent go on with a turn that was cut short. */
  continue(id: SessionId, commandId: CommandId, by: string): Result<'session.continue'> {
    return this.#needs.commands.once(commandId, (tx) => {
      this.goingOn.continue(tx, this.state(id), commandId, by);
      return { commandId, position: 0 };
    });
  }

  /** Ends the turn; of a parked session, that it goes on by itself. */
  cancel(id: SessionId, commandId: CommandId, by: string): { state: SessionStateName } {
    return this.#needs.commands.once(commandId, (tx) => {
      const { turn } = this.state(id);
      this.goingOn.unpark(tx, id, by, false);
      if (turn !== null && turn.endedAt === null) this.#needs.driver.cancel(tx, id);
      return { state: tx.state(id)?.state ?? 'idle' };
    });
  }

  stop(id: SessionId, commandId: CommandId, by: string): { state: SessionStateName } {
    return this.#needs.commands.once(commandId, (tx) => {
      this.state(id);
      this.end(tx, id, by);
      return { state: tx.state(id)?.state ?? 'ended' };
    });
  }

  /** Brings the agent back where it is gone, and lets a held queue go on. */
  async resume(
    id: SessionId,
    commandId: CommandId,
    by: string,
  ): Promise<{ state: SessionStateName }> {
    const earlier = this.#needs.commands.earlier<{ state: SessionStateName }>(commandId);
    if (earlier !== null) return earlier;
    if (this.state(id).archived)
      throw new RpcFailure('refused', `The session ${id} is archived: bring it back first.`);
    this.#needs.places.checkReturn(this.state(id));
    if (!this.#needs.driver.isOpen(id)) await this.#agents.again(id, false);
    await untilStarted(this.log, id, isUntold(this.state(id)) ? ADOPT_TIMEOUT_MS : undefined);
    return this.#needs.commands.once(commandId, (tx) => {
      this.#goOn(tx, id, by);
      return { state: tx.state(id)?.state ?? 'ended' };
    });
  }

  archive(
    id: SessionId,
    commandId: CommandId,
    archived: boolean,
    by: string,
  ): { state: SessionStateName } {
    return this.#needs.commands.once(commandId, (tx) => {
      const { state } = this.state(id);
      if (archived && (state === 'working' || state === 'waiting' || state === 'starting'))
        throw new RpcFailure('refused', `The session ${id} is ${state}: stop it first.`);
      // Also one that ended: an agent may be on its way to it.
      if (archived) this.end(tx, id, by);
      tx.append(id, { type: 'session.archived', archived, by });
      return { state: tx.state(id)?.state ?? 'ended' };
    });
  }

  rename(id: SessionId, commandId: CommandId, title: string, by: string): Result<'session.rename'> {
    return this.#needs.commands.once(commandId, (tx) => {
      this.state(id);
      if (title.trim() === '') throw new RpcFailure('refused', 'The title is empty.');
      tx.append(id, { type: 'session.titled', title: title.trim(), by });
      return {};
    });
  }

  async setMode(
    params: ParsedParams<'session.setMode'>,
    who: ModeAsker,
  ): Promise<Result<'session.setMode'>> {
    return await this.#modes.set(params, who);
  }

  /** Brings the agent back for it where it is at rest: it alone knows what the setting means. */
  async setOption(
    id: SessionId,
    commandId: CommandId,
    option: string,
    value: string | boolean,
  ): Promise<Result<'session.setOption'>> {
    const { state, agentSession, archived } = this.state(id);
    const isAtRest = state === 'idle' && agentSession !== null && !archived;
    if (isAtRest && !this.#needs.driver.isOpen(id)) {
      await this.#agents.again(id, false);
      await untilStarted(this.log, id);
    }
    return this.#needs.commands.once(commandId, (tx) => {
      if (option === 'mode')
        throw new RpcFailure(
          'refused',
          `The mode of a session is no setting of its agent: change it with "porchlight mode ${id} ask".`,
        );
      const known = this.state(id).options.find((each) => each.id === option);
      if (known === undefined)
        throw new RpcFailure('refused', `The agent of ${id} has no setting "${option}".`);
      if (!this.#needs.driver.setOption(tx, id, option, value))
        throw new RpcFailure('refused', `The agent of ${id} does not run: send a prompt first.`);
      return {};
    });
  }

  turnEnded(tx: LogWriter, id: SessionId): void {
    this.goingOn.turnEnded(tx, id);
  }

  /**
   * The next prompt, when there is one and its time has come; its agent first, where that went away
   * with the last host while it was starting. Idempotent.
   */
  settled(tx: LogWriter, id: SessionId): void {
    const state = tx.state(id);
    if (state === null || this.#needs.places.isBusy(id)) return;
    const next = nextTurn(state);
    if (!this.#needs.driver.isOpen(id, tx)) {
      if (next !== null || state.state === 'starting')
        tx.afterCommit(() => void this.#agents.again(id));
      return;
    }
    if (next === null || state.state === 'starting') return;
    const { turn, commandId, prompt } = next;
    if (!this.#needs.driver.prompt(tx, id, turn, commandId, prompt)) return;
    tx.append(id, { type: 'turn.started', turn, commandId });
  }

  unheard(tx: LogWriter, id: SessionId, turn: number): void {
    putBackUnheard(tx, this.log, id, turn);
  }

  /** Queued anew, in their order: so the history says that they are still wanted. */
  #goOn(tx: LogWriter, id: SessionId, by: string): void {
    if (this.goingOn.wake(tx, id, by)) return;
    const { queue, held } = this.state(id);
    if (!held || !this.#needs.driver.isOpen(id, tx)) return;
    for (const { commandId } of queue) tx.append(id, { type: 'prompt.dropped', commandId, by });
    for (const prompt of queue) tx.append(id, { type: 'prompt.queued', ...prompt });
    this.settled(tx, id);
  }

  /** Takes it off its agent, and off one on its way to it. */
  end(tx: LogWriter, id: SessionId, by: string): void {
    tx.afterCommit(() => this.#agents.callOff(id));
    this.#needs.driver.close(tx, id);
    if (tx.state(id)?.state !== 'ended') tx.append(id, { type: 'session.ended', by });
  }
}
