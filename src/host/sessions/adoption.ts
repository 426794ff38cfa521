import { basename } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import { ADOPT_TIMEOUT_MS, MAX_TITLE_CHARS } from '../../protocol/limits.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { ParsedParams, Result } from '../../protocol/methods.ts';
import type { SessionStateName } from '../../protocol/session/state.ts';
import type { AgentConversations, ListedConversation } from '../agents/conversations.ts';
import type { OpenElsewhere } from '../agents/open-elsewhere/open-elsewhere.ts';
import type { Launch } from '../agents/profile.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import { newSessionId } from '../ids.ts';
import type { Commands } from './commands.ts';
import { holderOf, listConversations } from './conversations.ts';
import { isUntold, SessionAgents, type SessionAgentsNeeds } from './session-agents.ts';
import { untilStarted } from './waits.ts';
import { checkedFolder } from './workspace.ts';

export interface AdoptionNeeds extends SessionAgentsNeeds {
  readonly commands: Commands;
  readonly source: AgentConversations;
  readonly elsewhere: OpenElsewhere;
  /** Gives a session its agent again, and waits for it. */
  resume(id: SessionId, by: string): Promise<unknown>;
}

/** In which a session has no agent, and none on its way. */
const HAS_ENDED: ReadonlySet<SessionStateName> = new Set(['failed', 'ended']);

/** Conversations that were begun elsewhere, as sessions of ours. */
export class Adoption {
  readonly #needs: AdoptionNeeds;
  readonly #launches: SessionAgents;

  constructor(needs: AdoptionNeeds) {
    this.#needs = needs;
    this.#launches = new SessionAgents(needs);
  }

  async conversations(
    params: ParsedParams<'agents.conversations'>,
  ): Promise<Result<'agents.conversations'>> {
    return await listConversations({ ...this.#needs, launches: this.#launches }, params);
  }

  /**
   * Returns once the agent has told the conversation and its mode was read back. `mayWorkIn` throws
   * where whoever asks may not have an agent work.
   */
  async adopt(
    params: ParsedParams<'session.adopt'>,
    by: string,
    mayWorkIn: (folder: string) => Promise<unknown> = async () => null,
  ): Promise<Result<'session.adopt'>> {
    const earlier = this.#needs.commands.earlier<Result<'session.adopt'>>(params.commandId);
    const adopted =
      earlier ?? (await this.#tryAgain(params, by)) ?? (await this.#create(params, by, mayWorkIn));
    await untilStarted(this.#needs.log, adopted.sessionId, ADOPT_TIMEOUT_MS);
    return adopted;
  }

  /** An adoption that did not come about left its session, which takes it up now. */
  async #tryAgain(
    params: ParsedParams<'session.adopt'>,
    by: string,
  ): Promise<Result<'session.adopt'> | null> {
    const { agents, log } = this.#needs;
    const agent = params.agent ?? (await agents.preferred());
    const left = holderOf(log, agent, params.agentSession);
    if (left === null || !isUntold(left) || left.archived || !HAS_ENDED.has(left.state))
      return null;
    const launch = await this.#launches.launch(agent, left.mode ?? agents.defaultMode(agent));
    await this.#refuseOpen(launch, { ...params, cwd: left.cwd });
    await this.#needs.resume(left.id, by);
    return { sessionId: left.id };
  }

  async #create(
    params: ParsedParams<'session.adopt'>,
    by: string,
    mayWorkIn: (folder: string) => Promise<unknown>,
  ): Promise<Result<'session.adopt'>> {
    const { agents, commands, driver, places, log } = this.#needs;
    const { agentSession } = params;
    const agent = params.agent ?? (await agents.preferred());
    this.#refuseHeld(agent, agentSession);
    const mode = params.mode ?? agents.defaultMode(agent);
    const lister = await this.#launches.launch(agent, mode);
    const found = await this.#find(lister, agentSession, params.cwd);
    await mayWorkIn(found.cwd);
    const cwd = await checkedFolder(found.cwd);
    const launch = await this.#launches.launch(agent, mode, cwd);
    await this.#refuseOpen(launch, { agentSession, cwd, share: params.share });
    const { share } = params;
    const claim = await places.plan({ cwd, isolate: 'none', share, title: found.title });
    const shareKey = await this.#launches.shareKey(launch, cwd);
    // It gets a process of its own, whoever works there: see AcpDriver.
    const sessionId = newSessionId();
    // One that is adopted has a process of its own.
    const place = await this.#launches.room(sessionId, launch, `${shareKey} ${sessionId}`);
    const create = (tx: LogWriter): Result<'session.adopt'> => {
      // Two surfaces may have asked at once.
      this.#refuseHeld(agent, agentSession);
      const { shared } = claim(log.states().values());
      tx.append(sessionId, {
        type: 'session.created',
        sessionId,
        agent,
        cwd,
        worktree: null,
        mode,
        title: titleFor(found, cwd),
        // By which the person has found it: what the agent calls its next prompt does not replace it.
        named: found.title !== '',
        ...(shared && { shared }),
        adopts: agentSession,
        by,
      });
      driver.open(tx, {
        sessionId,
        launch,
        cwd,
        mode,
        by,
        agentSession,
        adopts: true,
        shareKey,
      });
      agents.remember(tx, agent);
      return { sessionId };
    };
    try {
      return commands.once(params.commandId, create);
    } finally {
      place();
    }
  }

  /** The person who lets others work in the folder answers for the doubt, not for what is sure. */
  async #refuseOpen(
    launch: Launch,
    { agentSession, cwd, share }: { agentSession: string; cwd: string; share: boolean },
  ): Promise<void> {
    const holder = await this.#needs.elsewhere.find(launch, { agentSession, cwd });
    if (holder === null || (share && !holder.isSure)) return;
    const doubt = holder.isSure ? '' : ' Is it another one, allow that with --share.';
    throw new RpcFailure('refused', holder.words + doubt, { kind: 'openElsewhere' });
  }

  #refuseHeld(agent: string, agentSession: string): void {
    const holder = holderOf(this.#needs.log, agent, agentSession);
    if (holder === null) return;
    const fix = holder.archived
      ? 'It is archived: bring it back.'
      : `Go on there: porchlight send ${holder.id} TEXT`;
    throw new RpcFailure(
      'refused',
      `That conversation is here already, as the session ${holder.id} (${holder.title}). ${fix}`,
      { kind: 'adopted', sessionId: holder.id },
    );
  }

  /** The conversation as its agent lists it; an agent that lists none is believed the person's folder. */
  async #find(
    launch: Launch,
    agentSession: string,
    cwd: string | undefined,
  ): Promise<Pick<ListedConversation, 'title' | 'cwd'>> {
    const { name, canLoad } = launch.profile;
    if (!canLoad) throw new RpcFailure('refused', cannotLoad(name));
    const folder = cwd === undefined ? undefined : await checkedFolder(cwd);
    const list = await this.#needs.source.list(launch, {
      ...(folder !== undefined && { cwd: folder }),
      wanted: agentSession,
    });
    if (!list.canLoad) throw new RpcFailure('refused', cannotLoad(name));
    const found = list.conversations.find((each) => each.agentSession === agentSession);
    if (found !== undefined) return found;
    if (!list.canList && folder !== undefined) return { title: '', cwd: folder };
    throw list.canList
      ? new RpcFailure(
          'notFound',
          `${name} has no conversation ${agentSession}${folder === undefined ? '' : ` in ${folder}`}: see "porchlight adopt --agent ${launch.profile.id}".`,
        )
      : new RpcFailure(
          'refused',
          `${name} does not say where it had the conversation ${agentSession}: name the folder with --cwd.`,
        );
  }
}

function cannotLoad(name: string): string {
  return `${name} cannot take up a conversation that was begun before, so there is nothing to continue.`;
}

function titleFor({ title }: Pick<ListedConversation, 'title'>, cwd: string): string {
  return (title === '' ? basename(cwd) || cwd : title).slice(0, MAX_TITLE_CHARS);
}
