// A lock that survives its owner's death: one file, made whole by link(), with the owner's pid.
// Whoever holds it touches it every two seconds; it is stale when the pid is gone, or when nobody
// has touched it for 30 s (a pid reused after a reboot or in a new container).
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TOUCH_MS = 2_000;
const STALE_MS = 30_000;
const POLL_MS = 50;

/**
 * Waits until `path` is ours and returns the release.
 * @param {string} path
 * @param {{ what: string, limitMs?: number, log?: (line: string) => void }} options
 */
export async function takeLock(path, { what, limitMs = 600_000, log = () => {} }) {
  mkdirSync(dirname(path), { recursive: true });
  const token = `${process.pid} ${Date.now()} ${Math.random().toString(36).slice(2)}\n`;
  const mine = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const since = Date.now();
  let seen = { text: '', mtimeMs: 0, at: 0 };
  let told = false;
  for (;;) {
    writeFileSync(mine, token);
    try {
      linkSync(mine, path);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST')
        throw new Error(`Cannot make the lock ${path}: ${error.message}`, { cause: error });
    } finally {
      rmSync(mine, { force: true });
    }
    const now = look(path);
    if (now === null) continue;
    if (now.text !== seen.text || now.mtimeMs !== seen.mtimeMs) seen = { ...now, at: Date.now() };
    const owner = Number.parseInt(now.text, 10);
    if (!isAlive(owner) || Date.now() - seen.at > STALE_MS) {
      breakLock(path, now.text, mine);
      continue;
    }
    if (!told) {
      told = true;
      log(`waiting for process ${owner}, which ${what}`);
    }
    if (Date.now() - since > limitMs)
      throw new Error(
        `Process ${owner} has held ${path} for ${Math.round(limitMs / 1_000)} s: end it, or delete the file`,
      );
    await sleep(POLL_MS);
  }
  const timer = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Somebody judged us dead and took it; the release below leaves theirs alone.
    }
  }, TOUCH_MS);
  timer.unref();
  const release = () => {
    clearInterval(timer);
    process.off('exit', release);
    if (look(path)?.text === token) rmSync(path, { force: true });
  };
  process.on('exit', release);
  return release;
}

function look(path) {
  try {
    return { text: readFileSync(path, 'utf8'), mtimeMs: statSync(path).mtimeMs };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// Rename, then look at what was caught: of two that saw the same dead owner one may catch the
// other's fresh lock, and must put it back.
function breakLock(path, staleText, mine) {
  const caught = `${mine}.stale`;
  try {
    renameSync(path, caught);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readFileSync(caught, 'utf8') !== staleText) linkSync(caught, path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(caught, { force: true });
  }
}
