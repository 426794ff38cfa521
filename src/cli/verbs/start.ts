import { resolve } from 'node:path';
import { PREPARE_TIMEOUT_MS, START_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Cli } from '../cli.ts';
import { ask } from '../host/host-link.ts';
import { oneLine } from '../output/text.ts';
import { promptOf } from '../prompt-text.ts';

/** The host's own limit ends first, with the reason. */
const START_LIMIT_MS = PREPARE_TIMEOUT_MS + START_TIMEOUT_MS + 5_000;
/** An agent is usually there by then. */
const SAY_AFTER_MS = 5_000;

export interface StartOptions {
  agent?: string;
  cwd?: string;
  mode?: Mode;
  isolate?: 'worktree' | 'none';
  share?: boolean;
  title?: string;
}

/** `porchlight start` */
export async function startSession(
  cli: Cli,
  prompt: string | undefined,
  options: StartOptions,
): Promise<void> {
  const params = {
    commandId: cli.newCommandId(),
    cwd: resolve(invokedIn(cli), options.cwd ?? '.'),
    ...(options.agent !== undefined && { agent: options.agent }),
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(options.isolate !== undefined && { isolate: options.isolate }),
    ...(options.share === true && { share: true }),
    ...(options.title !== undefined && { title: options.title }),
    ...(prompt !== undefined && { prompt: await promptOf(prompt, cli.stdin) }),
  };
  const started = await saying(cli, ask(cli, 'session.start', params, START_LIMIT_MS));
  const { sessionId, cwd, worktree } = started;
  await cli.out.answer(
    { sessionId, cwd, worktree },
    () => `${sessionId}  ${oneLine(worktree ?? cwd)}\nWatch it with: porchlight watch ${sessionId}`,
  );
}

/** What takes long is the checkout, a setup command of the person's, or the agent itself. */
async function saying<T>(cli: Cli, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    if (!cli.json) cli.out.remark('Waiting for the worktree, its setup command and the agent …');
  }, SAY_AFTER_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** Where the person typed the command: npm changes to the package's folder and keeps the first in INIT_CWD. */
export function invokedIn(cli: Pick<Cli, 'env' | 'cwd'>): string {
  const underNpm = cli.env.npm_lifecycle_event !== undefined || cli.env.npm_execpath !== undefined;
  const first = cli.env.INIT_CWD;
  return underNpm && first !== undefined && first !== '' ? resolve(first) : cli.cwd;
}
