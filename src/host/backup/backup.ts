import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Logger } from '../../base/log.ts';
import {
  HISTORY,
  KEPT_FILES,
  KEPT_FOLDERS,
  MANIFEST,
  type Manifest,
} from '../../local/home-archive.ts';
import type { Home } from '../../local/home.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/methods.ts';
import { ArchiveWriter } from './archive-writer.ts';

export interface BackupNeeds {
  readonly home: Home;
  readonly version: string;
  readonly logger: Logger;
  readonly store: { snapshot(path: string): Promise<void> };
  sessions(): number;
  now(): Date;
}

/** Begins the name of the folder in the home where the history's copy lies until it is written. */
const STAGE = '.backup-';

/** Copies of the home, one at a time, while sessions work. */
export class Backup {
  readonly #needs: BackupNeeds;
  #isRunning = false;

  constructor(needs: BackupNeeds) {
    this.#needs = needs;
    // Of a host that was killed over one.
    for (const name of readdirSync(needs.home.root))
      if (name.startsWith(STAGE)) rmSync(join(needs.home.root, name), { recursive: true });
  }

  /** Writes a new file; never over one that is there. Half of one is never left under its name. */
  async write(path: string): Promise<Result<'host.backup'>> {
    checkTarget(path, this.#needs.home);
    if (this.#isRunning)
      throw new RpcFailure('refused', 'A backup is being written already: wait for that one.');
    this.#isRunning = true;
    const stage = mkdtempSync(join(this.#needs.home.root, STAGE));
    const part = `${path}.part`;
    rmSync(part, { force: true });
    try {
      const sessions = this.#needs.sessions();
      await this.#needs.store.snapshot(join(stage, HISTORY));
      await this.#archive(part, stage, sessions);
      putInPlace(part, path);
      const { size } = statSync(path);
      this.#needs.logger.info({ path, bytes: size, sessions }, 'a backup was written');
      return { path, bytes: size, sessions };
    } catch (error) {
      throw refusal(error, path);
    } finally {
      rmSync(part, { force: true });
      rmSync(stage, { recursive: true, force: true });
      this.#isRunning = false;
    }
  }

  async #archive(part: string, stage: string, sessions: number): Promise<void> {
    const { home, version, now } = this.#needs;
    const manifest: Manifest = {
      porchlightBackup: 1,
      version,
      createdAt: now().toISOString(),
      home: home.root,
      sessions,
    };
    const archive = new ArchiveWriter(part);
    try {
      await archive.text(MANIFEST, `${JSON.stringify(manifest)}\n`);
      await archive.add(join(stage, HISTORY), HISTORY);
      for (const name of [...KEPT_FILES, ...KEPT_FOLDERS])
        await archive.add(join(home.root, name), name);
      await archive.close();
    } catch (error) {
      archive.destroy();
      throw error;
    }
  }
}

function checkTarget(path: string, home: Home): void {
  if (!isAbsolute(path))
    throw new RpcFailure('refused', `The path of a backup must be absolute, not ${path}.`);
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RpcFailure('refused', `There is no folder ${dirname(path)} to put a backup in.`);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new RpcFailure('refused', `${path} exists already: name a new file.`);
  for (const folder of KEPT_FOLDERS)
    if (!relative(join(home.root, folder), path).startsWith('..'))
      throw new RpcFailure(
        'refused',
        `${path} lies in what is being copied: put the backup somewhere else.`,
      );
}

/** Where the file system has links, a file that came to be there meanwhile is not written over. */
function putInPlace(part: string, path: string): void {
  try {
    linkSync(part, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    renameSync(part, path);
  }
}

function refusal(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(code) || code.startsWith('SQLITE_IOERR'))
    return new RpcFailure(
      'refused',
      `There is no room for the backup ${path}: it needs as much as the history and the worktrees, and the history once more in the home meanwhile.`,
    );
  if (['EACCES', 'EPERM', 'EROFS', 'EEXIST'].includes(code))
    return new RpcFailure('refused', `Cannot write the backup ${path}: ${String(error)}.`);
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
