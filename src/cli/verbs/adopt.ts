import { resolve } from 'node:path';
import { ADOPT_TIMEOUT_MS, CONVERSATIONS_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Conversation } from '../../protocol/methods.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Cli } from '../cli.ts';
import { ask } from '../host/host-link.ts';
import { table } from '../output/table.ts';
import { ago, oneLine } from '../output/text.ts';
import { invokedIn } from './start.ts';

/** The host's own limits end first, with the reason. */
const LIST_LIMIT_MS = CONVERSATIONS_TIMEOUT_MS + 30_000;
const ADOPT_LIMIT_MS = ADOPT_TIMEOUT_MS + LIST_LIMIT_MS;

export interface AdoptOptions {
  agent?: string;
  cwd?: string;
  mode?: Mode;
  share?: boolean;
}

/** `porchlight adopt`: the agent's own conversations, or one of them as a session. */
export async function adopt(
  cli: Cli,
  agentSession: string | undefined,
  options: AdoptOptions,
): Promise<void> {
  const where = {
    ...(options.agent !== undefined && { agent: options.agent }),
    ...(options.cwd !== undefined && { cwd: resolve(invokedIn(cli), options.cwd) }),
  };
  if (agentSession === undefined) return await list(cli, where);
  const { sessionId } = await ask(
    cli,
    'session.adopt',
    {
      commandId: cli.newCommandId(),
      agentSession,
      ...where,
      ...(options.mode !== undefined && { mode: options.mode }),
      ...(options.share === true && { share: true }),
    },
    ADOPT_LIMIT_MS,
  );
  await cli.out.answer(
    { sessionId },
    () => `${sessionId}\nSee what was said: porchlight watch ${sessionId}`,
  );
}

async function list(cli: Cli, where: { agent?: string; cwd?: string }): Promise<void> {
  const { agent, conversations } = await ask(cli, 'agents.conversations', where, LIST_LIMIT_MS);
  await cli.out.answer(conversations.map(row), () =>
    conversations.length === 0
      ? `${agent} has no conversations${where.cwd === undefined ? '' : ` in ${oneLine(where.cwd)}`}.`
      : table(
          ['CONVERSATION', 'CHANGED', 'HERE', 'FOLDER', 'TITLE'],
          conversations.map((each) => cells(each, cli.nowMs())),
          cli.out.columns,
        ),
  );
}

function row({ agentSession, title, cwd, updatedAt, sessionId }: Conversation) {
  return { agentSession, title, cwd, updatedAt, sessionId };
}

function cells({ agentSession, title, cwd, updatedAt, sessionId }: Conversation, nowMs: number) {
  return [
    agentSession,
    updatedAt === null ? '' : ago(updatedAt, nowMs),
    sessionId ?? '',
    cwd,
    title === '' ? '(no title)' : title,
  ];
}
