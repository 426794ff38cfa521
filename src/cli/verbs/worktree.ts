import { DISCARD_TIMEOUT_MS, LAND_TIMEOUT_MS } from '../../protocol/limits.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { LandWay } from '../../protocol/session/workspace.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, textField } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { sessionIdOf } from '../ids.ts';
import { changesText } from '../output/changes-text.ts';
import { count, oneLine, visible } from '../output/text.ts';
import { agree } from '../agree.ts';

/** The host's own limits end first, with the reason. */
const MARGIN_MS = 30_000;

/** `porchlight changes ID` */
export async function showChanges(
  cli: Cli,
  given: string,
  options: { patch?: boolean },
): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const patch = options.patch === true;
  const changes = await ask(cli, 'session.changes', { sessionId, patch }, LAND_TIMEOUT_MS);
  await cli.out.answer(changes, () =>
    changes.patch === undefined
      ? changesText(changes, cli.out.columns)
      : visible(changes.patch).replace(/\n$/u, ''),
  );
}

export interface LandOptions {
  squash?: boolean;
  cherryPick?: boolean;
  message?: string;
}

/** `porchlight land ID` */
export async function landWork(cli: Cli, given: string, options: LandOptions): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const way: LandWay = options.squash ? 'squash' : options.cherryPick ? 'cherry-pick' : 'merge';
  const landed = await ask(
    cli,
    'session.land',
    {
      sessionId,
      commandId: cli.newCommandId(),
      way,
      ...(options.message !== undefined && { message: options.message }),
    },
    LAND_TIMEOUT_MS + MARGIN_MS,
  );
  const { outcome, base, commit, commits, conflicts } = landed;
  const name = oneLine(base);
  if (outcome === 'conflict')
    throw new CliFailure(
      `${sessionId} and ${name} both changed ${conflicts.map(oneLine).join(', ')}. Neither was touched: have the session merge ${name} into its branch and solve that, then land again.`,
    );
  await cli.out.answer(landed, () =>
    outcome === 'nothing'
      ? `Nothing to land: ${name} has all of it.`
      : `Landed ${count(commits, 'commit')} on ${name}, which is at ${commit?.slice(0, 12) ?? '?'} now.`,
  );
}

/** `porchlight discard ID`; asks when work would be lost. */
export async function discardWork(
  cli: Cli,
  given: string,
  options: { force?: boolean },
): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const discard = async (force: boolean) =>
    await ask(
      cli,
      'session.discard',
      { sessionId, commandId: cli.newCommandId(), force },
      DISCARD_TIMEOUT_MS + MARGIN_MS,
    );
  const done = await discard(options.force === true).catch(async (error: unknown) => {
    const wouldLose = error instanceof RpcFailure && textField(error.data, 'kind') === 'wouldLose';
    if (!wouldLose || !cli.asks) throw error;
    await agree(cli, `${oneLine(error.message)}\nDiscard all the same? [y/N] `, 'Not discarded.');
    return await discard(true);
  });
  await cli.out.answer({ keptAs: done.keptAs }, () =>
    done.keptAs === null
      ? `The worktree of ${sessionId} is gone.`
      : `The worktree of ${sessionId} is gone. Its work is kept: git log ${oneLine(done.keptAs)}`,
  );
}
