import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { Handlers } from '../api/handlers.ts';
import type { Audit } from '../audit/trail.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Commands } from '../sessions/commands.ts';
import { Nights } from './nights.ts';

export interface NightNeeds {
  readonly log: EventLog;
  readonly store: Store;
  readonly commands: Commands;
  readonly logger: Logger;
  readonly audit: Audit;
  now(this: void): Date;
}

type NightMethods = Pick<Handlers, Extract<keyof Handlers, `night.${string}`>>;

export function composeNight(needs: NightNeeds): { nights: Nights; methods: NightMethods } {
  const breathe = async (): Promise<void> =>
    await new Promise<void>((resolve) => setImmediate(resolve));
  const nights = new Nights({ ...needs, timers: systemTimers, breathe });
  return {
    nights,
    methods: {
      'night.state': () => ({ night: nights.current() }),
      'night.start': ({ commandId, until }, { surface }) => nights.start(commandId, until, surface),
      'night.end': ({ commandId }, { surface }) => nights.end(commandId, surface),
      'night.report': async () => ({ report: await nights.report() }),
    },
  };
}
