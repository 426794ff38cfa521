import { open, readFile, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { makeFolder } from '../../local/home.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const LOCK_LIMIT_MS = 2_000;
const LOCK_LOOK_MS = 20;
/** After this QLockFile too takes a lock for forgotten. */
const LOCK_STALE_MS = 30_000;

/** Empty when there is none. */
export async function kconfigText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw new Error(`${path} is too large to be a settings file`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

/**
 * Changes a settings file of KDE as KDE does: under its lock (a QLockFile), and so that whoever reads finds
 * the old text or the new one. Links stay links.
 */
export async function changeKconfig(path: string, change: (text: string) => string): Promise<void> {
  makeFolder(dirname(path));
  const target = await realpath(path).catch(() => path);
  const unlock = await lock(`${path}.lock`);
  try {
    const mode = await stat(target).then(
      (found) => found.mode & 0o777,
      () => 0o600,
    );
    await replace(target, change(await kconfigText(target)), mode);
  } finally {
    await unlock();
  }
}

async function replace(target: string, text: string, mode: number): Promise<void> {
  const draft = `${target}.porchlight-${process.pid}`;
  try {
    const file = await open(draft, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
}

async function lock(file: string): Promise<() => Promise<void>> {
  const untilMs = performance.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      await writeFile(file, `${process.pid}\nporchlight\n${hostname()}\n`, { flag: 'wx' });
      return async () => await unlink(file).catch(() => {});
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
      if (await isForgotten(file)) await unlink(file).catch(() => {});
      else if (performance.now() > untilMs)
        throw new Error(`another program has it open (${file})`, { cause: error });
      else await new Promise((resolve) => setTimeout(resolve, LOCK_LOOK_MS));
    }
  }
}

async function isForgotten(file: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(file)).mtimeMs > LOCK_STALE_MS) return true;
    const pid = Number((await readFile(file, 'utf8')).split('\n')[0]);
    if (!Number.isInteger(pid) || pid <= 0) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
