import { createHash } from 'node:crypto';
import type { Server } from 'node:net';
import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import { makeFolder, type Home } from '../local/home.ts';
import { isAnswering, listen } from '../local/private-socket.ts';
import { acquireLock, type ProcessKey } from '../local/process-lock.ts';
import { keyOfThisProcess, type ProcessStart } from '../local/process-start.ts';
import { Holder } from './holder.ts';
import { JournalFiles } from './journal-files.ts';
import type { Claim, Journal } from './journal.ts';
import type { Platform } from './platform.ts';
import { SettingClaims } from './setting-claims.ts';
import { WatchdogChild, type WatchdogCommand } from './watchdog-child.ts';

/** One that is stopping takes up to 15 s. */
const PREDECESSOR_LIMIT_MS = 30_000;
const PREDECESSOR_LOOK_MS = 25;

/** What all ways of running this program share. */
export interface Program {
  readonly home: Home;
  readonly journalFolder: string;
  readonly platform: Platform;
  readonly startOf: ProcessStart;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
}

export interface Recorder {
  readonly journal: Journal;
  readonly claims: SettingClaims;
}

/** The journal of this user, as this process writes in it for its home. */
export function recorder({ home, journalFolder, startOf, timers, log }: Program): Recorder {
  let key: Promise<ProcessKey> | null = null;
  const me = async (): Promise<ProcessKey> => await (key ??= keyOfThisProcess(startOf));
  const isAlive = aliveBy(startOf);
  const journal = new JournalFiles({
    folder: journalFolder,
    me,
    isAlive,
    timers,
    onDamaged: (file) =>
      log.error(
        { file },
        'an entry of the journal is damaged: kept aside, and nothing undone by it',
      ),
  });
  const claims = new SettingClaims({
    journal,
    isAlive,
    timers,
    me: async (): Promise<Claim> => ({ home: homeName(home), ...(await me()) }),
  });
  return { journal, claims };
}

/** Tells homes apart in the journal, without saying where they are. */
export function homeName({ root }: Pick<Home, 'root'>): string {
  return createHash('sha256').update(root).digest('hex').slice(0, 16);
}

export interface HolderProgram extends Program {
  readonly version: string;
  readonly watchdogCommand: WatchdogCommand;
  readonly exit: (code: number) => void;
}

/** Null when another holder serves this home: there is nothing to do. */
export async function startHolder(program: HolderProgram): Promise<Holder | null> {
  const { home, version, platform, timers, random, log, watchdogCommand, exit } = program;
  if (!(await isAlone(program))) return null;
  let server: Server | null = null;
  const { journal, claims } = recorder(program);
  const holder = new Holder({
    version,
    platform,
    journal,
    claims,
    watchdog: new WatchdogChild({ command: watchdogCommand, timers, log }),
    timers,
    wallMs: () => Date.now(),
    random,
    log,
    closeDoor: () => void server?.close(),
    exit: () => exit(0),
  });
  server = await listen(home.holderSocket, (socket) => holder.accept(socket));
  if (server === null) return null;
  server.on('error', (error) =>
    log.error({ err: error.message }, 'a connection could not be accepted'),
  );
  holder.start();
  return holder;
}

/** Takes the home's lock, waiting for a holder that is on its way out. */
async function isAlone({ home, startOf }: Program): Promise<boolean> {
  makeFolder(home.holderState);
  const me = await keyOfThisProcess(startOf);
  const isAlive = aliveBy(startOf);
  for (let waited = 0; waited <= PREDECESSOR_LIMIT_MS; waited += PREDECESSOR_LOOK_MS) {
    const lock = await acquireLock(home.holderState, me, isAlive);
    if (lock.held) return true;
    if (await isAnswering(home.holderSocket)) return false;
    await new Promise((resolve) => setTimeout(resolve, PREDECESSOR_LOOK_MS));
  }
  throw new Error(
    `Another holder of ${home.root} neither serves nor ends. Look for its pid in ${home.holderState} and end it.`,
  );
}

function aliveBy(startOf: ProcessStart): (key: ProcessKey) => Promise<boolean> {
  return async ({ pid, startedAt }) => (await startOf(pid)) === startedAt;
}
