import { realpath } from 'node:fs/promises';
import { withDeadline } from '../../base/deadline.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Conversation, ParsedParams, Result } from '../../protocol/methods.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { AgentConversations, ListedConversation } from '../agents/conversations.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { AgentSource, SessionAgents } from './session-agents.ts';
import { checkedFolder } from './workspace.ts';

/** A folder on a network that is gone does not answer; its conversations are then judged by name. */
const RESOLVE_LIMIT_MS = 2_000;

export interface ConversationsNeeds {
  readonly log: EventLog;
  readonly agents: AgentSource;
  readonly launches: Pick<SessionAgents, 'launch'>;
  readonly source: AgentConversations;
}

/** `agents.conversations`: what could be gone on with here, and what already is. */
export async function listConversations(
  needs: ConversationsNeeds,
  params: ParsedParams<'agents.conversations'>,
): Promise<Result<'agents.conversations'>> {
  const { log, agents, launches, source } = needs;
  const cwd = params.cwd === undefined ? undefined : await checkedFolder(params.cwd);
  const agent = params.agent ?? (await agents.preferred());
  const launch = await launches.launch(agent, agents.defaultMode(agent));
  const list = await source.list(launch, { ...(cwd !== undefined && { cwd }) });
  if (!list.canList)
    throw new RpcFailure('refused', `${launch.profile.name} cannot list its conversations.`, {
      kind: 'cannotList',
    });
  const fitting = cwd === undefined ? list.conversations : await inFolder(list.conversations, cwd);
  const conversations = fitting.map((each): Conversation => {
    const holder = holderOf(log, agent, each.agentSession);
    return { ...each, sessionId: holder?.id ?? null };
  });
  return { agent, conversations };
}

/** The session that goes on with the agent's conversation here. */
export function holderOf(
  log: EventLog,
  agent: string,
  agentSession: string,
): (SessionState & { readonly id: SessionId }) | null {
  for (const state of log.states().values())
    if (state.agent === agent && state.agentSession === agentSession) return state;
  return null;
}

/** Not every agent heeds the folder it is asked for, and some tell it with its links unresolved. */
async function inFolder(
  all: readonly ListedConversation[],
  cwd: string,
): Promise<ListedConversation[]> {
  const folders = new Map<string, boolean>();
  for (const name of new Set(all.map((each) => each.cwd)))
    folders.set(name, name === cwd || (await resolved(name)) === cwd);
  return all.filter((each) => folders.get(each.cwd) === true);
}

async function resolved(folder: string): Promise<string> {
  try {
    return await withDeadline(realpath(folder), RESOLVE_LIMIT_MS, 'Looking at a folder');
  } catch {
    return folder;
  }
}
