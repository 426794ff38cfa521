import { homedir } from 'node:os';
import { DeadlineExceeded, withDeadline } from '../../../base/deadline.ts';
import type { Logger } from '../../../base/log.ts';
import { Peer } from '../../../connection/peer.ts';
import { RPC_ERRORS, RpcFailure } from '../../../protocol/errors.ts';
import type { InstanceId } from '../../../protocol/ids.ts';
import { CONVERSATIONS_TIMEOUT_MS, MAX_TITLE_CHARS } from '../../../protocol/limits.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { AgentPipes } from '../../keeper-link/agent-pipes.ts';
import type {
  AgentConversations,
  ConversationList,
  ConversationQuery,
  ListedConversation,
} from '../conversations.ts';
import type { AgentProfile, Launch } from '../profile.ts';
import { acpHello } from './acp-hello.ts';
import { AcpPipe } from './acp-pipe.ts';
import { problemOfError } from './acp-problems.ts';
import { initializeResultSchema, sessionListSchema, type SessionList } from './acp-schema.ts';
import { pieces } from './acp-text.ts';

/** More than a person looks through; older ones are found by their folder. */
const MAX_CONVERSATIONS = 500;
/** One that is asked for by its id is looked for further back. */
const MAX_PAGES = 200;
/** The method's own limit in `session.adopt`; a longer id is none that we could be asked for. */
const MAX_ID_CHARS = 400;

export interface AcpConversationsNeeds {
  readonly pipes: AgentPipes;
  readonly logger: Logger;
  readonly version: string;
  newInstanceId(): InstanceId;
}

/**
 * The conversations that an agent has of its own, from a process started for that question alone.
 * The store knows nothing of it: should this host be killed meanwhile, the next one ends the
 * process as one that belongs to nobody.
 */
export class AcpConversations implements AgentConversations {
  readonly #needs: AcpConversationsNeeds;
  readonly #underWay = new Map<string, Promise<ConversationList>>();

  constructor(needs: AcpConversationsNeeds) {
    this.#needs = needs;
  }

  /** Asked for the same twice at once, the agent is started once. */
  async list(launch: Launch, query: ConversationQuery): Promise<ConversationList> {
    const key = JSON.stringify([launch.profile.id, query.cwd, query.wanted]);
    const present = this.#underWay.get(key);
    if (present !== undefined) return await present;
    const asked = this.#ask(launch, query).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return await asked;
  }

  async #ask(launch: Launch, query: ConversationQuery): Promise<ConversationList> {
    const { pipes, logger } = this.#needs;
    const { profile, command, args, env } = launch;
    const instance = this.#needs.newInstanceId();
    const pipe = new AcpPipe(pipes, instance);
    const peer = new Peer(pipe, {
      request: async (method) => {
        throw new RpcFailure('methodNotFound', `Method not found: ${method}`);
      },
      notification: () => {},
      close: () => {},
    });
    try {
      const work = async (): Promise<ConversationList> => {
        await pipe.open({ command, args, env, cwd: query.cwd ?? homedir() });
        return await converse(peer, query, this.#needs.version);
      };
      return await withDeadline(work(), CONVERSATIONS_TIMEOUT_MS, `Asking ${profile.name}`);
    } catch (error) {
      logger.info({ agent: profile.id, err: error }, 'an agent did not list its conversations');
      throw inWords(error, profile, pipe);
    } finally {
      peer.close('asked');
      this.#end(instance);
    }
  }

  /** Not waited for: ending takes seconds, and the answer is there. */
  #end(instance: InstanceId): void {
    const { pipes, logger } = this.#needs;
    pipes
      .end(instance)
      .then(async () => await pipes.forget(instance))
      .catch((error: unknown) => {
        logger.warn({ instance, err: error }, 'an agent that was asked could not be ended');
      });
  }
}

async function converse(
  peer: Peer,
  query: ConversationQuery,
  version: string,
): Promise<ConversationList> {
  const hello = initializeResultSchema.parse(await peer.request('initialize', acpHello(version)));
  const { loadSession: canLoad, sessionCapabilities } = hello.agentCapabilities;
  const canList = sessionCapabilities.list !== undefined;
  return { canLoad, canList, conversations: canList ? await allPages(peer, query) : [] };
}

/** Page after page, each newest first, until there is enough. */
async function allPages(peer: Peer, query: ConversationQuery): Promise<ListedConversation[]> {
  const { cwd, wanted } = query;
  const found = new Map<string, ListedConversation>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = { ...(cwd !== undefined && { cwd }), ...(cursor !== undefined && { cursor }) };
    const list = sessionListSchema.parse(await peer.request('session/list', params));
    for (const each of conversationsOf(list)) found.set(each.agentSession, each);
    const isEnough = wanted === undefined ? found.size >= MAX_CONVERSATIONS : found.has(wanted);
    const next = list.nextCursor;
    // One that was there before would lead in a circle.
    if (isEnough || next === undefined || cursors.has(next)) break;
    cursors.add(next);
    cursor = next;
  }
  const newestFirst = [...found.values()].sort((a, b) =>
    (b.updatedAt ?? '').localeCompare(a.updatedAt ?? ''),
  );
  return wanted === undefined ? newestFirst.slice(0, MAX_CONVERSATIONS) : newestFirst;
}

function conversationsOf({ sessions }: SessionList): ListedConversation[] {
  return sessions
    .filter(({ sessionId }) => sessionId.length <= MAX_ID_CHARS)
    .map(({ sessionId, cwd, title, updatedAt }) => ({
      agentSession: sessionId,
      cwd,
      title: oneLine(title ?? ''),
      updatedAt: updatedAt ?? null,
    }));
}

/** Of a first prompt the whole may stand there. */
function oneLine(title: string): string {
  const line = title
    .slice(0, 4 * MAX_TITLE_CHARS)
    .replace(/\s+/g, ' ')
    .trim();
  const [whole = ''] = pieces(line, MAX_TITLE_CHARS);
  return whole;
}

function inWords(error: unknown, profile: AgentProfile, pipe: AcpPipe): RpcFailure {
  if (error instanceof DeadlineExceeded) {
    const seconds = CONVERSATIONS_TIMEOUT_MS / 1_000;
    return new RpcFailure(
      'refused',
      `${profile.name} did not list its conversations within ${seconds} s. Try again; "porchlight logs" says more.`,
    );
  }
  const problem =
    error instanceof RpcFailure ? problemOfFailure(error, profile) : pipe.exitProblem(profile);
  if (problem !== null) return refusal(problem);
  return new RpcFailure(
    'refused',
    `${profile.name} answered the question for its conversations with something that cannot be read.`,
  );
}

function problemOfFailure({ code, message, data }: RpcFailure, profile: AgentProfile): Problem {
  if (code !== RPC_ERRORS.methodNotFound)
    return problemOfError({ code, message, data }, profile, Date.now());
  return { kind: 'other', message: `${profile.name} cannot list its conversations.` };
}

function refusal({ kind, message, fix }: Problem): RpcFailure {
  if (kind === 'signIn')
    return new RpcFailure('notSignedIn', message, fix === undefined ? {} : { command: fix });
  return new RpcFailure('refused', fix === undefined ? message : `${message} ${fix}`);
}
