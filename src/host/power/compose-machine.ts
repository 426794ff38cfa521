import { uptime } from 'node:os';
import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { NotificationName, NotificationParams } from '../../protocol/methods.ts';
import type { Handlers } from '../api/handlers.ts';
import { sleptMs, type Clock, type ClockSources } from '../clock/clock.ts';
import { every, WakeWatch, type Gap } from '../clock/wake-watch.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Remote } from '../relay/compose-remote.ts';
import { LidReports } from './lid/lid-reports.ts';
import type { Power } from './power.ts';
import { MachineSleep } from './sleep/machine-sleep.ts';
import { SleepGrounds } from './sleep/why-slept.ts';

export interface MachineNeeds {
  readonly log: EventLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly sources: ClockSources;
  readonly power: Pick<Power, 'state' | 'changed' | 'lookAnew'> & {
    readonly holder: Pick<Power['holder'], 'notices' | 'readyToSleep'>;
  };
  readonly remote: Pick<Remote, 'sleep' | 'wake'>;
  readonly surfaces: ReadonlySet<{ readonly bufferedBytes: number }>;
  readonly logger: Logger;
  tellAll<N extends NotificationName>(this: void, name: N, params: NotificationParams<N>): void;
  lookAnew(this: void, gap: Gap): Promise<void>;
}

export interface Machine {
  readonly methods: Pick<Handlers, 'power.machine' | 'power.lidReport'>;
  /** Before agents are taken up: says what became of a sleep that an earlier host announced. */
  restore(): void;
  /** From now on it hears and sees the machine sleep and wake, and its lid. Returns the end. */
  start(): () => void;
}

/** The machine as it sleeps, wakes, and is opened and closed. */
export function composeMachine(needs: MachineNeeds): Machine {
  const { log, store, clock, sources, power, remote, surfaces, logger, tellAll } = needs;
  const shared = { log, store, clock, logger, timers: systemTimers };
  const grounds = new SleepGrounds(power, () => clock.now().getTime());
  const watch = new WakeWatch(sources, every);
  const lid = new LidReports({ ...shared, tell: (report) => tellAll('power.lid', { report }) });
  const sleep = new MachineSleep({
    ...{ ...shared, grounds, watch, relays: remote },
    // Of the machine also on macOS, where the clocks of `sources` begin with the process: a record of an
    // earlier host is compared with it.
    machine: { uptimeMs: () => uptime() * 1_000, sleptMs: () => sleptMs(sources) },
    surfaces: {
      tell: tellAll,
      unsentBytes: () => [...surfaces].reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0),
    },
    lookAnew: async (gap) => {
      await Promise.all([needs.lookAnew(gap), power.lookAnew()]);
    },
  });
  sleep.slept.on(({ sleep: slept, forMs }) => lid.slept(slept, forMs));
  const fallAsleep = async (): Promise<void> => {
    await sleep.fallAsleep();
    await power.holder.readyToSleep();
  };
  return {
    methods: {
      'power.machine': async ({ event }) => {
        if (event === 'suspend') await sleep.fallAsleep();
        else sleep.woke();
        return {};
      },
      'power.lidReport': () => ({ report: lid.current() }),
    },
    restore: () => sleep.restore(),
    start: () => {
      lid.observe(power.state());
      const stops = [
        power.changed.on((state) => lid.observe(state)),
        power.holder.notices.on(({ tell }) => {
          if (tell === 'woke') sleep.woke();
          if (tell === 'sleeping')
            fallAsleep().catch((error: unknown) =>
              logger.warn({ err: error }, 'the holder could not be told that all were told'),
            );
        }),
        watch.start((gap) => sleep.seen(gap)),
        () => grounds.close(),
        () => sleep.close(),
        () => lid.close(),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
