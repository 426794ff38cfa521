import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { connectHost, isNobodyThere } from '../../local/ensure-host.ts';
import type { Cli } from '../cli.ts';
import { runProgram } from '../doctor/run-program.ts';
import { CliFailure } from '../failure.ts';
import { isKeeperThere } from '../host/keeper-link.ts';
import { count } from '../output/text.ts';
import { unpack } from '../restore/unpack.ts';

/** What stays with the machine: programs, what the window remembers, logs, who is paired with it. */
const STAYS = [
  'agents',
  'app',
  'logs',
  'keys.json',
  'devices.json',
  'push.json',
  'push-key.json',
  'audit-key.json',
  'relay.json',
  'dialled.json',
] as const;
const REPAIR_LIMIT_MS = 30_000;

/** `porchlight restore FILE`: the home becomes what it was; the present one is moved aside, not removed. */
export async function restoreHome(
  cli: Cli,
  file: string,
  options: { force?: boolean },
): Promise<void> {
  const { home } = cli;
  const source = resolve(cli.cwd, file);
  await mustNotRun(cli);
  const isUsed = [home.database, home.config].some((path) => existsSync(path));
  if (isUsed && options.force !== true)
    throw new CliFailure(
      `${home.root} is in use already: --force moves it aside and puts the backup in its place.`,
    );
  mkdirSync(dirname(home.root), { recursive: true });
  // Beside the home, so that putting it in place is one rename.
  const fresh = mkdtempSync(`${home.root}.restoring-`);
  try {
    const { manifest, leftOut } = await unpack(source, fresh);
    // It may have been started meanwhile.
    await mustNotRun(cli);
    const aside = swap(cli, fresh);
    keepWhatStays(home.root, aside);
    const keptAside = aside !== null && existsSync(aside) ? aside : null;
    if (leftOut > 0)
      cli.out.remark(`${count(leftOut, 'link')} that led out of the home were left out.`);
    if (manifest.home !== home.root)
      cli.out.remark(
        `This is a backup of ${manifest.home}: its sessions still name folders there, and their worktrees with them.`,
      );
    await repairWorktrees(cli);
    const { sessions } = manifest;
    await cli.out.answer({ home: home.root, sessions, keptAside }, () =>
      [
        `Restored ${home.root} with ${count(sessions, 'session')}, as of ${manifest.createdAt}.`,
        ...(keptAside === null ? [] : [`What was there is kept at ${keptAside}.`]),
      ].join('\n'),
    );
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function mustNotRun(cli: Cli): Promise<void> {
  if ((await isHostThere(cli)) || (await isKeeperThere(cli.home)))
    throw new CliFailure(
      'The host is running: stop it first, with its agents: porchlight host stop',
    );
}

async function isHostThere({ home }: Cli): Promise<boolean> {
  try {
    (await connectHost(home)).destroy();
    return true;
  } catch (error) {
    return !isNobodyThere(error);
  }
}

/** Two renames; cut off between them, the old home lies whole beside the new one. */
function swap({ home, nowMs }: Cli, fresh: string): string | null {
  if (!existsSync(home.root)) {
    renameSync(fresh, home.root);
    return null;
  }
  const stamp = new Date(nowMs()).toISOString().replaceAll(/[-:]|\.\d+/gu, '');
  const aside = `${home.root}.before-${stamp}`;
  renameSync(home.root, aside);
  try {
    renameSync(fresh, home.root);
  } catch (error) {
    renameSync(aside, home.root);
    throw error;
  }
  return aside;
}

function keepWhatStays(root: string, aside: string | null): void {
  if (aside === null) return;
  for (const name of STAYS)
    if (existsSync(join(aside, name)) && !existsSync(join(root, name)))
      renameSync(join(aside, name), join(root, name));
  if (readdirSync(aside).length === 0) rmdirSync(aside);
}

/** A repository and its worktree name each other by path; git mends that from the worktree's side. */
async function repairWorktrees({ home, out }: Cli): Promise<void> {
  for (const path of worktreesBelow(join(home.root, 'worktrees'), 0)) {
    const { code } = await runProgram('git', ['worktree', 'repair', path], {
      limitMs: REPAIR_LIMIT_MS,
      cwd: path,
    });
    if (code !== 0)
      out.remark(
        `The worktree ${basename(path)} is there, but its repository does not know it (${path}): its files can be copied from it.`,
      );
  }
}

/** Folders with a `.git` file, at most two levels down. */
function worktreesBelow(folder: string, depth: number): string[] {
  if (!existsSync(folder) || depth > 2) return [];
  if (depth > 0 && existsSync(join(folder, '.git'))) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => worktreesBelow(join(folder, entry.name), depth + 1));
}
