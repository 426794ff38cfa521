import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId, SessionId } from '../../protocol/ids.ts';
import {
  MAX_PROMPT_BYTES,
  MAX_QUEUED_PROMPTS,
  MAX_TITLE_CHARS,
  START_TIMEOUT_MS,
} from '../../protocol/limits.ts';
import type { ParsedParams, Result } from '../../protocol/methods.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { SessionState, SessionStateName } from '../../protocol/session/state.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import type { AgentDriver, SessionOwner } from '../agents/driver.ts';
import type { Launch } from '../agents/profile.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { newSessionId } from '../ids.ts';
import type { Commands } from './commands.ts';
import { nextTurn } from './next-turn.ts';
import { untilState } from './until-state.ts';
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

export interface SessionsNeeds {
  readonly log: EventLog;
  readonly commands: Commands;
  readonly driver: AgentDriver;
  readonly agents: AgentSource;
  readonly logger: Logger;
  promptLimitBytes(): number;
}

const MODE_LIMIT_MS = 15_000;

/** Sessions as surfaces command them. Everything that happens is an event; this decides what may. */
export class Sessions implements SessionOwner {
  readonly #needs: SessionsNeeds;
  readonly #bringingUp = new Set<SessionId>();

  constructor(needs: SessionsNeeds) {
    this.#needs = needs;
  }

  get log(): EventLog {
    return this.#needs.log;
  }

  /** Prompts that waited when the host went away go on. */
  restore(): void {
    this.log.commit((tx) => {
      for (const state of this.log.states().values()) {
        this.#closeOrphanedTurn(tx, state);
        this.settled(tx, state.id);
      }
    });
  }

  state(id: SessionId): SessionState {
    const state = this.log.state(id);
    if (state === null)
      throw new RpcFailure('notFound', `There is no session ${id}: see "porchlight ls --all".`);
    return state;
  }

  async start(params: ParsedParams<'session.start'>, by: string): Promise<Result<'session.start'>> {
    const { commandId } = params;
    if (params.isolate === 'worktree')
      throw new RpcFailure('notBuilt', 'Worktrees are not built yet: start with --isolate none.');
    const { agents } = this.#needs;
    if (params.prompt !== undefined) this.#checkPrompt(params.prompt);
    const cwd = await checkedFolder(params.cwd);
    const agent = params.agent ?? (await agents.preferred());
    const mode = params.mode ?? agents.defaultMode(agent);
    const launch = await this.#launch(agent, mode);
    const title = params.title ?? titleOf(params.prompt, cwd);
    const shareKey = await this.#shareKey(launch, cwd);
    const started = this.#needs.commands.once(commandId, (tx) => {
      const sessionId = newSessionId();
      tx.append(sessionId, {
        type: 'session.created',
        sessionId,
        agent,
        cwd,
        worktree: null,
        mode,
        title,
        named: params.title !== undefined,
        by,
      });
      if (params.prompt !== undefined)
        tx.append(sessionId, { type: 'prompt.queued', commandId, prompt: params.prompt, by });
      this.#needs.driver.open(tx, {
        sessionId,
        launch,
        cwd,
        mode,
        by,
        agentSession: null,
        shareKey,
      });
      return { sessionId, cwd, worktree: null };
    });
    agents.remember(agent);
    await this.#untilStarted(started.sessionId);
    return started;
  }

  send(
    id: SessionId,
    commandId: CommandId,
    prompt: PromptPart[],
    by: string,
  ): Result<'session.send'> {
    this.#checkPrompt(prompt);
    return this.#needs.commands.once(commandId, (tx) => {
      const state = this.state(id);
      if (state.archived)
        throw new RpcFailure('refused', `The session ${id} is archived: bring it back first.`);
      if (state.queue.length >= MAX_QUEUED_PROMPTS)
        throw new RpcFailure(
          'refused',
          `${MAX_QUEUED_PROMPTS} prompts wait already: let some run, or take some back.`,
        );
      const isBusy = state.turn !== null && state.turn.endedAt === null;
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

  cancel(id: SessionId, commandId: CommandId): { state: SessionStateName } {
    return this.#needs.commands.once(commandId, (tx) => {
      const { turn } = this.state(id);
      if (turn !== null && turn.endedAt === null) this.#needs.driver.cancel(tx, id);
      return { state: tx.state(id)?.state ?? 'idle' };
    });
  }

  stop(id: SessionId, commandId: CommandId, by: string): { state: SessionStateName } {
    return this.#needs.commands.once(commandId, (tx) => {
      this.state(id);
      this.#end(tx, id, by);
      return { state: tx.state(id)?.state ?? 'ended' };
    });
  }

  async resume(id: SessionId, commandId: CommandId): Promise<{ state: SessionStateName }> {
    if (this.state(id).archived)
      throw new RpcFailure('refused', `The session ${id} is archived: bring it back first.`);
    if (!this.#needs.driver.isOpen(id)) {
      await this.#bringUp(id);
      await this.#untilStarted(id);
    }
    return this.#needs.commands.once(commandId, () => ({ state: this.state(id).state }));
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
      if (archived && state !== 'ended') this.#end(tx, id, by);
      tx.append(id, { type: 'session.archived', archived, by });
      return { state: tx.state(id)?.state ?? 'ended' };
    });
  }

  rename(id: SessionId, commandId: CommandId, title: string, by: string): Result<'session.rename'> {
    return this.#needs.commands.once(commandId, (tx) => {
      this.state(id);
      tx.append(id, { type: 'session.titled', title: title.trim(), by });
      return {};
    });
  }

  async setMode(
    id: SessionId,
    commandId: CommandId,
    mode: Mode,
    by: string,
  ): Promise<Result<'session.setMode'>> {
    const state = this.state(id);
    if (state.mode === mode) return { mode, version: state.modeVersion };
    const { profile } = await this.#launch(state.agent, mode);
    const native = profile.modes.native[mode];
    if (native === undefined)
      throw new RpcFailure(
        'refused',
        `${profile.name} has no mode "${mode}" that it can prove; it knows ${Object.keys(profile.modes.native).join(', ')}.`,
      );
    const since = state.lastSeq;
    this.#needs.commands.once(commandId, (tx) => {
      if (this.#needs.driver.isOpen(id, tx)) {
        if (!this.#needs.driver.setMode(tx, id, mode, by))
          throw new RpcFailure(
            'refused',
            `${profile.name} cannot change its mode now: wait until it has started.`,
          );
      } else
        tx.append(id, { type: 'mode.changed', mode, native, version: state.modeVersion + 1, by });
      return {};
    });
    return await this.#untilMode(id, mode, since);
  }

  setOption(
    id: SessionId,
    commandId: CommandId,
    option: string,
    value: string | boolean,
  ): Result<'session.setOption'> {
    return this.#needs.commands.once(commandId, (tx) => {
      const known = this.state(id).options.find((each) => each.id === option);
      if (known === undefined)
        throw new RpcFailure('refused', `The agent of ${id} has no setting "${option}".`);
      if (!this.#needs.driver.setOption(tx, id, option, value))
        throw new RpcFailure('refused', `The agent of ${id} does not run: send a prompt first.`);
      return {};
    });
  }

  /** The next prompt, when there is one and its time has come. Idempotent. */
  settled(tx: LogWriter, id: SessionId): void {
    const state = tx.state(id);
    const next = state && nextTurn(state);
    if (!state || !next) return;
    if (!this.#needs.driver.isOpen(id, tx)) {
      tx.afterCommit(() => void this.#bringUp(id));
      return;
    }
    if (state.state === 'starting') return;
    tx.append(id, { type: 'turn.started', turn: next.turn, commandId: next.commandId });
    this.#needs.driver.prompt(tx, id, next.turn, next.commandId, next.prompt);
  }

  /** Gives a session an agent again; what goes wrong becomes `session.failed`. */
  async #bringUp(id: SessionId): Promise<void> {
    if (this.#bringingUp.has(id)) return;
    this.#bringingUp.add(id);
    const { agent, cwd, mode, agentSession } = this.state(id);
    const wanted = mode ?? this.#needs.agents.defaultMode(agent);
    try {
      await checkedFolder(cwd);
      const launch = await this.#needs.agents.launch(agent, wanted);
      const shareKey = await this.#shareKey(launch, cwd);
      this.log.commit((tx) => {
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
      this.log.commit((tx) => tx.append(id, { type: 'session.failed', problem }));
    } finally {
      this.#bringingUp.delete(id);
    }
  }

  #end(tx: LogWriter, id: SessionId, by: string): void {
    this.#needs.driver.close(tx, id);
    if (tx.state(id)?.state !== 'ended') tx.append(id, { type: 'session.ended', by });
  }

  /** A turn whose process is not there any more was cut short with the machine or the keeper. */
  #closeOrphanedTurn(tx: LogWriter, { id, turn, openTools, approvals, state }: SessionState): void {
    if (this.#needs.driver.isOpen(id, tx)) return;
    for (const approval of approvals)
      tx.append(id, { type: 'approval.closed', approvalId: approval.id, reason: 'agentGone' });
    if (turn !== null && turn.endedAt === null) {
      for (const toolCallId of openTools)
        tx.append(id, { type: 'tool.updated', toolCallId, status: 'failed' });
      tx.append(id, { type: 'turn.ended', turn: turn.turn, outcome: 'interrupted' });
    }
    if (state === 'starting')
      tx.append(id, {
        type: 'session.failed',
        problem: {
          kind: 'exited',
          message: 'The host stopped while the agent was starting.',
          fix: 'Resume the session.',
        },
      });
  }

  #checkPrompt(prompt: readonly PromptPart[]): void {
    const bytes = Buffer.byteLength(JSON.stringify(prompt));
    const limit = Math.min(this.#needs.promptLimitBytes(), MAX_PROMPT_BYTES);
    if (bytes > limit)
      throw new RpcFailure(
        'tooLarge',
        `The prompt is ${mib(bytes)} MiB; the limit is ${mib(limit)} MiB. Put long text into a file and name the file.`,
      );
    if (prompt.every((part) => part.type === 'text' && part.text.trim() === ''))
      throw new RpcFailure('refused', 'The prompt is empty.');
  }

  async #launch(agent: string, mode: Mode): Promise<Launch> {
    try {
      return await this.#needs.agents.launch(agent, mode);
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      const { message, fix } = this.#needs.agents.problemOf(error);
      throw new RpcFailure('refused', fix === undefined ? message : `${message} ${fix}`);
    }
  }

  async #shareKey(launch: Launch, cwd: string): Promise<string> {
    const root = await repositoryRoot(cwd);
    const env = Object.entries(launch.env).sort(([a], [b]) => (a < b ? -1 : 1));
    const parts = JSON.stringify([launch.profile.id, launch.command, launch.args, env, root]);
    return createHash('sha256').update(parts).digest('hex');
  }

  async #untilStarted(id: SessionId): Promise<void> {
    const state = await untilState(
      this.log,
      id,
      (each) => each.state !== 'starting',
      START_TIMEOUT_MS,
    );
    if (state === null)
      throw new RpcFailure(
        'refused',
        `The agent did not accept the session ${id} within ${START_TIMEOUT_MS / 1_000} s; it may still do so.`,
      );
    if (state.state !== 'failed' || state.problem === null) return;
    const { message, fix, kind } = state.problem;
    const text =
      fix === undefined
        ? message
        : `${message} ${kind === 'signIn' ? `Sign in with: ${fix}` : fix}`;
    throw new RpcFailure(kind === 'signIn' ? 'notSignedIn' : 'refused', text, {
      sessionId: id,
      ...(fix && { command: fix }),
    });
  }

  async #untilMode(id: SessionId, mode: Mode, since: number): Promise<Result<'session.setMode'>> {
    let refusal: string | null = null;
    const undo = this.log.follow(id, (events) => {
      for (const event of events)
        if (event.seq > since && event.type === 'notice' && event.by === 'host')
          refusal = event.text;
    });
    try {
      const state = await untilState(
        this.log,
        id,
        (each) => each.mode === mode || refusal !== null,
        MODE_LIMIT_MS,
      );
      if (state?.mode === mode) return { mode, version: state.modeVersion };
      throw new RpcFailure(
        'refused',
        refusal ?? `The agent did not confirm the mode ${mode} within ${MODE_LIMIT_MS / 1_000} s.`,
      );
    } finally {
      undo();
    }
  }
}

function titleOf(prompt: readonly PromptPart[] | undefined, cwd: string): string {
  const text =
    prompt
      ?.find((part) => part.type === 'text')
      ?.text.trim()
      .split('\n')[0] ?? '';
  return text === '' ? basename(cwd) || cwd : text.slice(0, Math.min(80, MAX_TITLE_CHARS));
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
