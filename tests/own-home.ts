import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A home folder of the run's own, and no buses: agents start shells that read the person's start-up files, and what
 * those do (a version manager's lock, left by a shell that a test killed) is none of the tests' business.
 */
export function setup(): () => void {
  const person = homedir();
  const own = mkdtempSync(join(tmpdir(), 'porchlight-tests-home-'));
  const cache = process.env.XDG_CACHE_HOME ?? join(person, '.cache');
  // What is too big to fetch for each run, and how packages are fetched at all, stay the person's.
  process.env.PORCHLIGHT_AGENTS ??= join(cache, 'porchlight', 'agents');
  process.env.XDG_CACHE_HOME = cache;
  process.env.npm_config_userconfig ??= join(person, '.npmrc');
  process.env.npm_config_cache ??= join(person, '.npm');
  process.env.HOME = own;
  process.env.USERPROFILE = own;
  // Hosts under test hold the machine awake while their agents work: not this one. A test that wants
  // buses starts its own.
  const nowhere = `unix:path=${join(own, 'no-bus')}`;
  process.env.DBUS_SYSTEM_BUS_ADDRESS = nowhere;
  if (process.env.DBUS_SESSION_BUS_ADDRESS !== undefined)
    process.env.DBUS_SESSION_BUS_ADDRESS = nowhere;
  delete process.env.XDG_STATE_HOME;
  return () => {
    process.env.HOME = person;
    rmSync(own, { recursive: true, force: true });
  };
}
