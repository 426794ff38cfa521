import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Home } from './home.ts';

/** One build of the host: which program runs which files. */
export interface HostBuild {
  /** Node, or Electron as Node. */
  readonly execPath: string;
  /** Folder of the built programs. */
  readonly dist: string;
  readonly version: string;
  readonly isElectron: boolean;
}

/**
 * `<home>/keeper/build.json`: the build that a keeper starts hosts from, when it is not the
 * keeper's own. Written by whoever wants another host (`host restart`, the tray app after an
 * update); so a host is replaced while the keeper and its agents stay. Shapes are checked by hand,
 * since the keeper reads it.
 */
export function wantedBuild(home: BuildHome): HostBuild | null {
  const build = readBuild(wantedFile(home));
  return build !== null && isThere(build) ? build : null;
}

/** Takes effect when the host ends the next time. */
export function wantBuild(home: BuildHome, build: HostBuild): void {
  // Somebody wants it now, also when it failed before.
  clearFailedBuild(home);
  write(wantedFile(home), build);
}

export function unwantBuild(home: BuildHome): void {
  rmSync(wantedFile(home), { force: true });
}

/** The build that a keeper gave up, for the host that runs in its place to tell. Null when none. */
export function failedBuild(home: BuildHome): HostBuild | null {
  return readBuild(failedFile(home));
}

export function setFailedBuild(home: BuildHome, build: HostBuild): void {
  write(failedFile(home), build);
}

export function clearFailedBuild(home: BuildHome): void {
  rmSync(failedFile(home), { force: true });
}

export function sameBuild(a: HostBuild, b: HostBuild): boolean {
  return a.dist === b.dist && a.execPath === b.execPath && a.version === b.version;
}

/** Its files are still where they were: not an app that has moved since. */
export function isThere(build: HostBuild): boolean {
  const program = hostProgram(build);
  // Only Electron sees into an archive; a keeper on plain Node sees that it is there.
  const archive = /^(.*\.asar)[\\/]/u.exec(program)?.[1];
  return existsSync(archive ?? program) && existsSync(build.execPath);
}

export function hostProgram({ dist }: Pick<HostBuild, 'dist'>): string {
  return join(dist, 'host', 'main.js');
}

/** Of two versions like 1.2.3 or 1.2.3-beta.4; one that cannot be read is never newer. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [versionParts(version), versionParts(than)];
  if (a === null || b === null) return false;
  for (const [index, part] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0;
    if (part !== other) return part > other;
  }
  // A release comes after its betas.
  if (a.pre === '' || b.pre === '') return a.pre === '' && b.pre !== '';
  return a.pre.localeCompare(b.pre, 'en', { numeric: true }) > 0;
}

type BuildHome = Pick<Home, 'keeperState'>;

function versionParts(version: string): { numbers: number[]; pre: string } | null {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?/u.exec(version);
  if (found === null) return null;
  return { numbers: found.slice(1, 4).map(Number), pre: found[4] ?? '' };
}

function wantedFile(home: BuildHome): string {
  return join(home.keeperState, 'build.json');
}

function failedFile(home: BuildHome): string {
  return join(home.keeperState, 'build-failed.json');
}

/** Whole or not at all: two that write at once leave one of both. */
function write(file: string, build: HostBuild): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(build), { mode: 0o600 });
  renameSync(draft, file);
}

function readBuild(file: string): HostBuild | null {
  try {
    return asBuild(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function asBuild(value: unknown): HostBuild | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!('execPath' in value && isPath(value.execPath))) return null;
  if (!('dist' in value && isPath(value.dist))) return null;
  if (!('version' in value && typeof value.version === 'string')) return null;
  if (!('isElectron' in value && typeof value.isElectron === 'boolean')) return null;
  const { execPath, dist, version, isElectron } = value;
  return { execPath, dist, version, isElectron };
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value) && !value.includes('\0');
}
