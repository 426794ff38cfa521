// System libraries on Debian and Ubuntu: installed when we are root, otherwise the one command is
// printed. Other systems are left alone; Electron names what it misses there.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from '../programs.mjs';
import { lastLines, run } from './run.mjs';
import { say, SetupError, step } from './say.mjs';
import { alsoNamed, systemPackages } from './system-packages.mjs';

const QUERY_LIMIT_MS = 30_000;
const UPDATE_LIMIT_MS = 5 * 60_000;
const INSTALL_LIMIT_MS = 20 * 60_000;
/** How long to wait for another apt or dpkg to finish. */
const APT_LOCK_SECONDS = 180;
const DPKG_STATUS = '/var/lib/dpkg/status';

/**
 * Makes sure that what `need` takes is installed. Costs two file checks when dpkg's state has not
 * changed since it last was.
 * @param {'start' | 'demo' | 'test'} need
 */
export async function ensureSystemLibraries(need) {
  if (process.platform !== 'linux' || !existsSync(DPKG_STATUS) || !isDebianLike()) return;
  if (isKnownGood(need)) return;
  const missing = missingAmong(systemPackages[need], await installedPackages());
  if (missing.length === 0) return rememberGood(need);
  const names = await namesHere(missing);
  if (process.getuid() !== 0)
    throw new SetupError(
      `${names.length} system packages are missing. Install them with this one command and run yours again:\n\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}\n`,
    );
  await install(names);
  const left = missingAmong(systemPackages[need], await installedPackages());
  if (left.length > 0)
    throw new SetupError(
      `apt-get finished, but these packages are still missing: ${left.join(' ')}`,
    );
  rememberGood(need);
}

function isDebianLike() {
  const about = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(about);
}

const stampOf = (need) => join(dist, '.stamps', `system-${need}`);
const dpkgState = (need) => `${statSync(DPKG_STATUS).mtimeMs} ${systemPackages[need].join(' ')}`;

function isKnownGood(need) {
  return existsSync(stampOf(need)) && readFileSync(stampOf(need), 'utf8') === dpkgState(need);
}

function rememberGood(need) {
  mkdirSync(join(dist, '.stamps'), { recursive: true });
  writeFileSync(stampOf(need), dpkgState(need));
}

/** @returns {Promise<Set<string>>} */
async function installedPackages() {
  const { code, output } = await queryAll();
  if (code !== 0)
    throw new SetupError(
      `dpkg-query failed with ${code}: run "dpkg-query -W" to see why\n${lastLines(output)}`,
    );
  return parseInstalled(output);
}

// Asked by name: the full list may be longer than what run() keeps.
async function queryAll() {
  const names = [...new Set(Object.values(systemPackages).flat())];
  const result = await run(
    'dpkg-query',
    ['-W', '-f=${db:Status-Status} ${Package}\\n', ...names, ...names.map(alsoNamed)],
    {
      limitMs: QUERY_LIMIT_MS,
    },
  );
  // 1 means that some of the names are unknown, which is the question.
  return result.code === 1 ? { ...result, code: 0 } : result;
}

/** @param {string} output lines "installed NAME", "not-installed NAME" and dpkg-query's complaints */
export function parseInstalled(output) {
  return new Set([...output.matchAll(/^installed (\S+)$/gm)].map((match) => match[1] ?? ''));
}

/**
 * @param {string[]} wanted
 * @param {Set<string>} installed
 */
export function missingAmong(wanted, installed) {
  return wanted.filter((name) => !installed.has(name) && !installed.has(alsoNamed(name)));
}

/** Under which name this release has each package. */
async function namesHere(missing) {
  const known = await run('apt-cache', ['show', '--no-all-versions', ...missing.map(alsoNamed)], {
    limitMs: QUERY_LIMIT_MS,
  });
  const renamed = new Set(
    [...known.output.matchAll(/^Package: (\S+)$/gm)].map((match) => match[1]),
  );
  return missing.map((name) => (renamed.has(alsoNamed(name)) ? alsoNamed(name) : name));
}

async function install(names) {
  const lock = ['-o', `DPkg::Lock::Timeout=${APT_LOCK_SECONDS}`];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
  const command = ['install', '-y', '--no-install-recommends', ...lock, ...names];
  say(`missing system packages: ${names.join(' ')}`);
  const update = await step('apt-get update', () =>
    run(
      'apt-get',
      ['update', ...lock, '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20'],
      { env, limitMs: UPDATE_LIMIT_MS },
    ),
  );
  const result = await step(`installing ${names.length} system packages (apt-get install)`, () =>
    run('apt-get', command, { env, limitMs: INSTALL_LIMIT_MS }),
  );
  if (result.code === 0) return;
  const why = result.timedOut
    ? `was stopped after ${INSTALL_LIMIT_MS / 60_000} min`
    : `failed with ${result.code}`;
  const before =
    update.code === 0 ? '' : `\n(before it, "apt-get update" failed with ${update.code})`;
  throw new SetupError(
    `apt-get install ${why}. Run it yourself to see more:\n\n  apt-get ${command.join(' ')}\n${before}\n${lastLines(result.output)}`,
  );
}
