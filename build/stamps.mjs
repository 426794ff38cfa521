// Is a program up to date? Its last build wrote a stamp: every source file that went into the
// bundle, with size, time and content hash. The check stats those files and reads only the ones
// whose time has changed, so that "nothing to do" costs milliseconds and a `git checkout` that
// restores the same text rebuilds nothing.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What shapes every bundle besides its own sources. */
const commonInputs = ['package-lock.json', 'build/programs.mjs', 'build/stamps.mjs'];

/**
 * @param {string} root repository root
 * @param {string} stampFile
 * @returns {boolean} false when the program must be built
 */
export function isFresh(root, stampFile) {
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return false;
  }
  if (stamp.node !== process.versions.node.split('.')[0]) return false;
  let moved = false;
  for (const [file, was] of Object.entries(stamp.files)) {
    const path = join(root, file);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    if (stat.mtimeMs === was.mtimeMs && stat.size === was.size) continue;
    if (stat.size !== was.size || hashFile(path) !== was.hash) return false;
    was.mtimeMs = stat.mtimeMs;
    moved = true;
  }
  if (moved) save(stampFile, stamp);
  return true;
}

/**
 * @param {string} root
 * @param {string} stampFile
 * @param {{ sources: string[], outputs: string[] }} build paths relative to root, as they were
 *   read: call `measure` before the build for sources that may change while it runs
 */
export function writeStamp(root, stampFile, { sources, outputs }, startedAtMs) {
  const files = {};
  for (const file of [...new Set([...commonInputs, ...sources, ...outputs])].sort()) {
    const path = join(root, file);
    const stat = statSync(path);
    files[file] = { mtimeMs: stat.mtimeMs, size: stat.size, hash: hashFile(path) };
  }
  // A source saved while the build ran may or may not be in the bundle: no stamp, build again.
  const touched = sources.some((file) => files[file].mtimeMs >= startedAtMs);
  save(stampFile, { node: touched ? 'unsure' : process.versions.node.split('.')[0], files });
}

function hashFile(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 32);
}

function save(stampFile, stamp) {
  mkdirSync(dirname(stampFile), { recursive: true });
  const temporary = `${stampFile}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(stamp));
  renameSync(temporary, stampFile);
}
