import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../src/base/log.ts';
import type { Timers } from '../../src/connection/timers.ts';
import type { Lock, Platform, Setting } from '../../src/holder/platform.ts';
import { runProgram } from '../../src/holder/run-program.ts';
import { homeOf, makeHome } from '../../src/local/home.ts';
import { processStart } from '../../src/local/process-start.ts';

/**
 * The real holder on a machine that is a folder: `node file-holder.js [--watchdog|--undo]`. In the
 * environment: MACHINE, the folder; PACE, how much faster its clock goes; KILL, as
 * `<holder|watchdog>:<step>[:both]`: it is killed at that one of its steps, together with the watchdog
 * when it says so. A step is whatever changes a file, and each side of what the platform is asked.
 */
const machine = process.env.MACHINE ?? '';
const pace = Number(process.env.PACE ?? 1);
const role = process.argv.includes('--watchdog') ? 'watchdog' : 'holder';
const [whose, atStep, both] = (process.env.KILL ?? '').split(':');
const watchdogPid = join(machine, 'watchdog.pid');
const SYNC_CALLS = [
  'writeSync',
  'fsyncSync',
  'renameSync',
  'linkSync',
  'rmSync',
  'writeFileSync',
] as const;
const { readFileSync, writeFileSync, appendFileSync } = fs;

let steps = 0;
function step(): void {
  steps += 1;
  if (whose !== role || steps !== Number(atStep)) return;
  if (both !== undefined) killQuietly(watchdogPid);
  process.kill(process.pid, 'SIGKILL');
}

function killQuietly(file: string): void {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  } catch {
    // There is none yet, or no more.
  }
}

for (const name of SYNC_CALLS) {
  const call = fs[name] as (...args: unknown[]) => unknown;
  // Each of them is called as it is, between two steps.
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      step();
      const result = call(...args);
      step();
      return result;
    },
  });
}
syncBuiltinESMExports();

const timers: Timers = {
  nowMs: () => performance.now() * pace,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs / pace);
    return () => clearTimeout(timer);
  },
};

function setting(id: string): Setting {
  const file = join(machine, `setting-${id}`);
  return {
    id,
    label: `The setting ${id}`,
    ours: 'ours',
    isLostInSleep: false,
    read: async () => {
      step();
      return readFileSync(file, 'utf8');
    },
    write: async (value) => {
      step();
      // Whole or not at all, as a system's own settings.
      writeFileSync(`${file}.draft`, value ?? '');
      fs.renameSync(`${file}.draft`, file);
      step();
      await Promise.resolve();
      step();
    },
  };
}

/** A child that ends with the pipe to it. */
function lock(name: string): Lock {
  let child: ChildProcess | null = null;
  return {
    name,
    take: async () => {
      if (child !== null) return;
      child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
    },
    letGo: async () => {
      child?.stdin?.end();
      child = null;
    },
    onLost: () => {},
  };
}

const settings = [setting('mains'), setting('battery')];
const effect = { effective: true, reason: null, fix: null };
const platform: Platform = {
  idleLocks: async () => [lock('idle')],
  lidLocks: async () => [],
  lidSettings: async () => settings,
  settingNamed: (id) => settings.find((one) => one.id === id) ?? null,
  effects: async () => ({ idle: effect, lid: { ...effect, setUp: null } }),
  sensors: async () => ({ battery: null, heat: null, lidClosed: null, externalDisplay: null }),
  watch: () => () => {},
  delay: null,
  displayOff: async () => {},
  sleepIfLidClosed: async () => {},
  sleepNow: async () => {},
  setUp: async () => '',
};

if (role === 'watchdog') writeFileSync(watchdogPid, String(process.pid));
process.on('exit', () => appendFileSync(join(machine, 'steps'), `${role} ${steps}\n`));
const home = homeOf(process.env);
makeHome(home);
await runProgram(process.argv.slice(2), {
  home,
  log: silentLogger,
  timers,
  journalFolder: join(machine, 'journal'),
  platform,
  startOf: processStart(process.platform),
  version: '1.0.0',
  watchdogCommand: {
    command: process.execPath,
    args: [fileURLToPath(import.meta.url), '--watchdog'],
    env: process.env,
  },
});
