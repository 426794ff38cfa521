import { statfs } from 'node:fs/promises';
import { withDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/log.ts';
import type { AgentProcesses } from '../agents/driver.ts';
import type { ConfigFile } from '../config/config.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Problems } from '../problems.ts';
import { Hibernation } from '../sessions/hibernation.ts';
import { freeMemoryFor } from './free-memory.ts';
import { Room } from './room.ts';

/** One process each for 64 sessions in 64 folders. A keeper holds 256. */
const AGENT_PROCESSES = 64;
const FREE_MEMORY_MB = 256;
const FREE_DISK_MB = 200;
const HIBERNATE_AFTER_MINUTES = 30;
const MB = 1024 * 1024;
const DISK_LIMIT_MS = 5_000;

export interface LimitsNeeds {
  readonly log: EventLog;
  readonly agents: AgentProcesses;
  readonly problems: Problems;
  readonly logger: Logger;
  /** On the disk that is watched. */
  readonly folder: string;
  readonly config: Pick<ConfigFile, 'current' | 'changed'>;
  now(): Date;
}

/** How the sessions share the machine. `start` after the host has taken up what was there. */
export function composeLimits(needs: LimitsNeeds): {
  readonly room: Room;
  start(): void;
  close(): void;
} {
  const { log, agents, problems, logger, folder, config, now } = needs;
  const hibernation = new Hibernation({
    log,
    agents,
    logger,
    afterMs: () =>
      (config.current().sessions?.hibernateAfterMinutes ?? HIBERNATE_AFTER_MINUTES) * 60_000,
    steadyMs: () => performance.now(),
    nowMs: () => now().getTime(),
  });
  const freeMemory = freeMemoryFor(process.platform);
  const room = new Room({
    agents,
    changed: log.changed,
    logger,
    limits: () => {
      const limits = config.current().limits;
      return {
        agentProcesses: limits?.agentProcesses ?? AGENT_PROCESSES,
        freeMemoryMb: limits?.freeMemoryMb ?? FREE_MEMORY_MB,
        freeDiskMb: limits?.freeDiskMb ?? FREE_DISK_MB,
      };
    },
    freeMemoryMb: async () => inMb(await freeMemory()),
    freeDiskMb: async () => inMb(await freeDisk(folder)),
    makeRoom: async () => await hibernation.makeRoom(),
    tell: (problem) => problems.set('room', problem),
  });
  let stop = (): void => {};
  let stopWatching = (): void => {};
  return {
    room,
    start: () => {
      stop = hibernation.start();
      // A shorter time counts at once, not after a pause that fitted the longer one.
      stopWatching = config.changed.on(() => {
        stop();
        stop = hibernation.start();
      });
    },
    close: () => {
      stopWatching();
      stop();
      room.close();
    },
  };
}

function inMb(bytes: number | null): number | null {
  return bytes === null ? null : bytes / MB;
}

async function freeDisk(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await withDeadline(
      statfs(folder),
      DISK_LIMIT_MS,
      'Looking at a disk',
    );
    return bavail * bsize;
  } catch {
    return null;
  }
}
