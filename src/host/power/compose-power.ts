import { randomBytes } from 'node:crypto';
import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import type { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { Home } from '../../local/home.ts';
import { isNobodyThere } from '../../local/ensure-host.ts';
import { hasPowerJournal, powerJournalFolder } from '../../local/power-journal.ts';
import { connectSocket, SocketTransport } from '../../local/socket-transport.ts';
import type { Audit } from '../audit/trail.ts';
import type { Clock, ClockSources } from '../clock/clock.ts';
import type { ConfigFile } from '../config/config.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Problems } from '../problems.ts';
import type { Commands } from '../sessions/commands.ts';
import { Awake } from './awake.ts';
import { HolderLink } from './holder-link.ts';
import type { DeviceReach } from './light.ts';
import { policyOf, writePolicy } from './policy-file.ts';
import type { Power } from './power.ts';
import { powerMethods } from './power-methods.ts';
import { PowerPulse } from './power-pulse.ts';
import { startHolder } from './start-holder.ts';
import { UserHolds } from './user-holds.ts';

const CONNECT_LIMIT_MS = 2_000;
/** A tool of the system that hangs keeps nobody from stopping: the holder goes on undoing. */
const STOP_LIMIT_MS = 5_000;

export interface PowerNeeds {
  readonly home: Home;
  readonly dist: string;
  readonly version: string;
  readonly log: EventLog;
  readonly store: Store;
  readonly commands: Commands;
  readonly audit: Audit;
  readonly config: ConfigFile;
  readonly problems: Problems;
  readonly clock: Clock;
  readonly sources: ClockSources;
  readonly logger: Logger;
  readonly remote: {
    reach(isWatched: boolean): DeviceReach;
    readonly reachChanged: Pick<Emitter<void>, 'on'>;
  };
}

/** What keeps the machine awake while there is work. */
export function composePower(needs: PowerNeeds): Power {
  const { home, dist, version, log, store, commands, audit, config, clock, logger } = needs;
  const { problems, sources, remote } = needs;
  const commit: EventLog['commit'] = (work) => log.commit(work);
  const policy = () => policyOf(config.current());
  const holder = new HolderLink({
    connect: async () => await connected(home),
    run: () => startHolder(home, dist),
    hostPid: process.pid,
    hostVersion: version,
    timers: systemTimers,
    random: () => Math.random(),
    logger,
  });
  const users = new UserHolds({
    ...{ store, commands, audit, logger, commit },
    newId: () => `u_${randomBytes(6).toString('hex')}`,
    now: () => clock.now(),
    bootedMs: () => sources.wallMs() - sources.uptimeMs(),
  });
  const awake = new Awake({
    ...{ log, holder, users, clock, logger, policy, timers: systemTimers },
    withoutRelay: () => config.current().power?.withoutRelay === true,
    reach: (isWatched) => remote.reach(isWatched),
    tell: (problem) => problems.set('power', problem),
  });
  const state = () => awake.state();
  const pulse = new PowerPulse({ changed: awake.changed, state, timers: systemTimers });
  const undo = [config.changed.on(() => awake.look()), remote.reachChanged.on(() => awake.look())];
  return {
    holder,
    changed: awake.changed,
    state,
    methods: powerMethods({
      ...{ awake, users, holder, commands, audit, commit, policy },
      writePolicy: (change) => {
        writePolicy(home.config, change);
        config.refresh();
      },
    }),
    follow: (surface) => {
      pulse.follow(surface);
      return { power: state() };
    },
    lookAnew: async () => await awake.lookAnew(),
    start: () => {
      awake.start();
      // One that an earlier host has left goes on for it, or has nothing more to hold.
      if (hasPowerJournal(powerJournalFolder(process.env))) holder.start();
      else holder.find().catch((error: unknown) => logger.warn({ err: error }, 'no holder found'));
    },
    stop: async () => {
      awake.close();
      try {
        await withDeadline(holder.stop(), STOP_LIMIT_MS, 'Stopping the holder');
      } catch (error) {
        if (!(error instanceof DeadlineExceeded))
          logger.warn({ err: error }, 'the holder did not stop');
      }
    },
    close: () => {
      for (const end of undo) end();
      pulse.close();
      awake.close();
      holder.close();
    },
  };
}

async function connected(home: Home): Promise<SocketTransport | null> {
  try {
    return new SocketTransport(await connectSocket(home.holderSocket, CONNECT_LIMIT_MS));
  } catch (error) {
    if (isNobodyThere(error)) return null;
    throw error;
  }
}
