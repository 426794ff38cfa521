import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cli } from '../cli.ts';
import { runProgram } from '../doctor/run-program.ts';
import { CliFailure } from '../failure.ts';
import { findHost } from '../host/host-link.ts';
import { stopHolder } from '../host/holder-link.ts';
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
  const undone = await undoChanges(cli);
  await cli.out.answer({ undone }, () =>
    undone.length === 0 ? 'Nothing was left changed.' : undone.map(oneLine).join('\n'),
  );
}

/** Ends a holder that is left, then has its program put back what the journal names. In words, one each. */
export async function undoChanges(cli: Cli): Promise<string[]> {
  await stopHolder(cli.home, cli.version);
  const program = join(cli.programs.dist, 'holder', 'main.js');
  // A build without one has never changed anything.
  if (!existsSync(program) && !program.includes('.asar')) return [];
  const ran = await runProgram(cli.programs.execPath, [program, '--undo'], {
    limitMs: UNDO_LIMIT_MS,
    env: {
      ...cli.env,
      PORCHLIGHT_HOME: cli.home.root,
      ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
  const said = ran.stdout.split('\n').filter((line) => line.trim() !== '');
  if (ran.code === 0) return said;
  const why =
    ran.problem === 'slow'
      ? `it was not done after ${UNDO_LIMIT_MS / 1_000} s`
      : oneLine(ran.stderr.trim() || ran.stdout.trim() || `exit code ${ran.code}`);
  throw new CliFailure(
    `Not all power settings could be put back: ${why} What they are, and how to do it by hand: docs/power.md`,
  );
}
