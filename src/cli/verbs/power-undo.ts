import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cli } from '../cli.ts';
import { runProgram } from '../doctor/run-program.ts';
import { CliFailure } from '../failure.ts';
import { findHost } from '../host/host-link.ts';
import { oneLine } from '../output/text.ts';

/** Several settings, each with a tool that takes up to 10 s. */
const UNDO_LIMIT_MS = 90_000;

/** `porchlight power undo`: what a holder that is gone left changed. Needs no host, and no host in its way. */
export async function undoPower(cli: Cli): Promise<void> {
  const link = await findHost(cli).catch(() => null);
  if (link !== null) {
    link.close();
    throw new CliFailure(
      'A host runs, and puts back by itself what it changed once nothing is held: porchlight power policy keepAwake=off. Or end it first: porchlight host stop',
    );
  }
  const message = await undoChanges(cli);
  await cli.out.answer({ message }, () => message);
}

/** The holder's program ends a holder that is left, and puts back what the journal names. In words. */
export async function undoChanges(cli: Cli): Promise<string> {
  const program = join(cli.programs.dist, 'holder', 'main.js');
  // A build without one has never changed anything.
  if (!existsSync(program) && !program.includes('.asar')) return 'There was nothing to undo.';
  const ran = await runProgram(cli.programs.execPath, [program, '--undo'], {
    limitMs: UNDO_LIMIT_MS,
    env: {
      ...cli.env,
      PORCHLIGHT_HOME: cli.home.root,
      ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
  if (ran.code === 0) return oneLine(ran.stdout.trim());
  const why =
    ran.problem === 'slow'
      ? `it was not done after ${UNDO_LIMIT_MS / 1_000} s`
      : oneLine(ran.stderr.trim() || ran.stdout.trim() || `exit code ${ran.code}`);
  throw new CliFailure(
    `Not all power settings could be put back: ${why} What they are, and how to do it by hand: docs/power.md`,
  );
}
