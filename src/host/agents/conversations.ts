import type { Launch } from './profile.ts';

/** One of an agent's own conversations, wherever it was begun. */
export interface ListedConversation {
  readonly agentSession: string;
  /** Empty where it has none. */
  readonly title: string;
  readonly cwd: string;
  readonly updatedAt: string | null;
}

export interface ConversationList {
  readonly canLoad: boolean;
  readonly canList: boolean;
  /** Newest first. */
  readonly conversations: readonly ListedConversation[];
}

export interface ConversationQuery {
  /** Only those of this folder. */
  readonly cwd?: string;
  /** Only this one is of interest: the search ends with it, and goes further back for it. */
  readonly wanted?: string;
}

/** What an agent knows of its conversations. Throws an RpcFailure in words when it does not say. */
export interface AgentConversations {
  list(launch: Launch, query: ConversationQuery): Promise<ConversationList>;
}
