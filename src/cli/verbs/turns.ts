import type { Mode } from '../../protocol/mode.ts';
import { PREPARE_TIMEOUT_MS, START_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Cli } from '../cli.ts';
import { ask } from '../host/host-link.ts';
import { sessionIdOf } from '../ids.ts';
import { promptOf } from '../prompt-text.ts';

/** Ending an agent takes its grace period; bringing one back a start, and sometimes a worktree. */
const LIFECYCLE_LIMIT_MS = PREPARE_TIMEOUT_MS + START_TIMEOUT_MS + 5_000;

/** `porchlight send ID TEXT` */
export async function sendPrompt(cli: Cli, given: string, text: string): Promise<void> {
  const prompt = await promptOf(text, cli.stdin);
  const sessionId = await sessionIdOf(cli, given);
  const { commandId, position } = await ask(cli, 'session.send', {
    sessionId,
    commandId: cli.newCommandId(),
    prompt,
  });
  await cli.out.answer({ commandId, position }, () =>
    position === 0 ? 'Sent.' : `Queued: ${position} before it.`,
  );
}

export type Lifecycle = 'cancel' | 'stop' | 'resume' | 'archive';

/** `porchlight cancel|stop|resume|archive ID` */
export async function changeSession(cli: Cli, verb: Lifecycle, given: string): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const { state } = await ask(
    cli,
    `session.${verb}`,
    { sessionId, commandId: cli.newCommandId() },
    LIFECYCLE_LIMIT_MS,
  );
  await cli.out.answer({ state }, () => `${sessionId} is ${state}.`);
}

/** `porchlight resume ID --continue` */
export async function continueSession(cli: Cli, given: string): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  await ask(cli, 'session.continue', { sessionId, commandId: cli.newCommandId() });
  const { state } = (await ask(cli, 'session.show', { sessionId })).session;
  await cli.out.answer({ state }, () => `${sessionId} goes on; it is ${state}.`);
}

/** `porchlight mode ID M`: who types it wants it, also where the agent asks less from then on. */
export async function setMode(cli: Cli, given: string, mode: Mode): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const commandId = cli.newCommandId();
  const set = await ask(cli, 'session.setMode', { sessionId, commandId, mode, raise: true });
  await cli.out.answer(
    { mode: set.mode, version: set.version },
    () => `${sessionId} is in mode ${set.mode}.`,
  );
}
