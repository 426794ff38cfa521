import { createHash } from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../base/log.ts';
import { homeOf, makeHome, type Home } from '../local/home.ts';
import { hostProgram, type HostBuild } from '../local/host-build.ts';
import { AGENT_MARK, AGENT_OWNER } from '../protocol/keeper.ts';
import { Agents } from './agents.ts';
import { HostBuilds } from './host-builds.ts';
import type { HostChoice, HostCommand } from './host-process.ts';
import { Keeper } from './keeper.ts';
import { lineLog, truncateWhenLong } from '../local/line-log.ts';
import { OrphanSweep } from './orphan-sweep.ts';
import { processTree } from './process-tree.ts';
import { Reaper } from './reaper.ts';
import { RunningRecord } from './record.ts';

/** `dist`, where this file is `keeper/main.js`. */
const dist = join(dirname(fileURLToPath(import.meta.url)), '..');

const STDERR = 2;
/** Given by services of the system, which lead stderr elsewhere or nowhere. */
const LOG_TO_FILE = '--log-to-file';

await run();

/** Wires the keeper of the home in the environment, and starts it. */
async function run(): Promise<void> {
  const home = homeOf(process.env);
  const logFile = join(home.logs, 'keeper.log');
  let log = lineLog(STDERR, logFile, () => new Date());
  try {
    makeHome(home);
    if (process.argv.includes(LOG_TO_FILE))
      log = lineLog(openSync(logFile, 'a', 0o600), logFile, () => new Date());
    truncateWhenLong(logFile);
    const version = versionIn(join(dist, '..', 'package.json'));
    const tree = processTree(process.platform);
    const record = new RunningRecord(home.keeperState);
    const reaper = new Reaper({ tree, record, log, owner: ownerOf(home) });
    const sweep = new OrphanSweep(reaper, log);
    const agents = new Agents({ reaper, sweep, record, log });
    const keeper = new Keeper({
      home,
      version,
      hostChoice: () => hostChoice(home, version, log),
      agents,
      reaper,
      tree,
      log,
      random: Math.random,
      exit: (code) => process.exit(code),
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => void keeper.stop(signal));
    // The terminal it was started from closes; the agents stay.
    process.on('SIGHUP', () => {});
    if (!(await keeper.start())) {
      log.info({}, 'another keeper serves this home');
      process.exit(0);
    }
    sweep.arm();
  } catch (error) {
    log.error(
      { err: error instanceof Error ? error.message : String(error) },
      'the keeper cannot start',
    );
    process.exit(1);
  }
  // From here on agents hang on this process: a bug in one request must not end them all.
  process.on('uncaughtException', (error) =>
    log.error({ err: error.stack ?? error.message }, 'a bug in the keeper'),
  );
}

function hostChoice(home: Home, version: string, log: Logger): HostChoice {
  const isElectron = process.versions.electron !== undefined;
  const own: HostBuild = { execPath: process.execPath, dist, version, isElectron };
  const builds = new HostBuilds(home, own, log);
  return {
    next: () => hostCommand(home, builds.next()),
    ended: (exit) => builds.ended(exit),
  };
}

function hostCommand(home: Home, build: HostBuild): HostCommand {
  // A keeper that an agent's shell has started must not pass on whose it was.
  const {
    ELECTRON_RUN_AS_NODE: _,
    [AGENT_MARK]: _mark,
    [AGENT_OWNER]: _owner,
    ...env
  } = process.env;
  return {
    command: build.execPath,
    args: [hostProgram(build)],
    env: {
      ...env,
      PORCHLIGHT_HOME: home.root,
      ...(build.isElectron && { ELECTRON_RUN_AS_NODE: '1' }),
    },
    outputFile: join(home.logs, 'host-stderr.log'),
  };
}

/** Tells homes apart in the environment of agents, without saying where they are. */
function ownerOf(home: Home): string {
  return createHash('sha256').update(home.root).digest('hex').slice(0, 16);
}

function versionIn(file: string): string {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof json === 'object' && json !== null && 'version' in json
      ? String(json.version)
      : 'unknown';
  } catch {
    return 'unknown';
  }
}
