// `npm ci` when node_modules is missing or was installed from another package-lock.json.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../lock-file.mjs';
import { root } from '../programs.mjs';
import { lastLines, npmCommand, run } from './run.mjs';
import { say, SetupError, step } from './say.mjs';

const INSTALL_LIMIT_MS = 15 * 60_000;

/** Makes node_modules agree with the lock. Costs a millisecond when it does. */
export async function ensurePackages() {
  if (isInstalled(root)) return;
  const release = await takeLock(join(root, 'dist', '.packages-lock'), {
    what: 'installs packages',
    log: say,
  });
  try {
    if (isInstalled(root)) return;
    const npm = npmCommand();
    const { code, output, timedOut } = await step(
      'installing packages (npm ci), about 400 MB on disk',
      () =>
        run(npm.command, [...npm.first, 'ci', '--no-audit', '--no-fund'], {
          cwd: root,
          limitMs: INSTALL_LIMIT_MS,
          shell: npm.shell,
        }),
    );
    if (code !== 0)
      throw new SetupError(
        `npm ci ${timedOut ? `was stopped after ${INSTALL_LIMIT_MS / 60_000} min` : `failed with ${code}`}: run "npm ci" to see why\n${lastLines(output)}`,
      );
    writeFileSync(stampOf(root), digest(root));
  } finally {
    release();
  }
}

const stampOf = (dir) => join(dir, 'node_modules', '.porchlight-lock');

/** @param {string} dir a folder with package-lock.json */
export function isInstalled(dir) {
  if (!existsSync(join(dir, 'node_modules'))) return false;
  const now = digest(dir);
  if (existsSync(stampOf(dir)) && readFileSync(stampOf(dir), 'utf8') === now) return true;
  if (!agrees(dir)) return false;
  writeFileSync(stampOf(dir), now);
  return true;
}

// Somebody ran npm by hand: npm's own record of what it put there is as good as our stamp.
function agrees(dir) {
  const record = join(dir, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined)
      return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

const digest = (dir) =>
  createHash('sha256')
    .update(`${process.platform} ${process.arch}\n`)
    .update(readFileSync(join(dir, 'package-lock.json')))
    .digest('hex');
