import { homedir } from 'node:os';
import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { Home } from '../../local/home.ts';
import { serviceSeen } from '../../local/service-place.ts';
import type { SilenceNote } from '../../protocol/attention.ts';
import type { NotificationName, NotificationParams } from '../../protocol/methods.ts';
import type { ServiceStatus } from '../../protocol/reach.ts';
import type { AgentDriver, AgentPings } from '../agents/driver.ts';
import type { Handlers } from '../api/handlers.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { newCommandId } from '../ids.ts';
import type { AgentPipes } from '../keeper-link/agent-pipes.ts';
import type { Remote } from '../relay/compose-remote.ts';
import type { Commands } from '../sessions/commands.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { processLook } from './process-look.ts';
import { Pulses } from './pulses.ts';
import { probeReach, type AskableSurface } from './reach.ts';
import { restartSession } from './restart.ts';

export interface ReachParts {
  readonly home: Home;
  readonly log: EventLog;
  readonly commands: Commands;
  readonly driver: Pick<AgentDriver, 'cutOff' | 'isOpen'> & { readonly ping: AgentPings };
  readonly keeper: Pick<AgentPipes, 'processes'>;
  readonly sessions: Sessions;
  readonly remote: Pick<Remote, 'roundTripMs' | 'heardAgoMs' | 'list' | 'status'>;
  readonly surfaces: ReadonlySet<AskableSurface>;
  readonly logger: Logger;
  now(this: void): Date;
  /** Of the dead-man's note. */
  note(this: void): SilenceNote;
  tellAll<N extends NotificationName>(this: void, name: N, params: NotificationParams<N>): void;
}

export interface ReachPart {
  readonly methods: Pick<Handlers, 'reach.probe' | 'session.restart'>;
  readonly pulses: Pulses;
  service(): ServiceStatus;
}

/** What can be reached, and how the agents do. */
export function composeReach(parts: ReachParts): ReachPart {
  const { home, log, commands, driver, keeper, sessions, remote, surfaces, logger, now } = parts;
  const ground = { platform: process.platform, env: process.env, userFolder: homedir() };
  const service = (): ServiceStatus => serviceSeen(home, ground);
  const pulses = new Pulses({
    states: () => log.states().values(),
    changed: log.changed,
    pings: driver.ping,
    processes: async (instance) => await keeper.processes(instance),
    look: processLook(process.platform),
    ...{ timers: systemTimers, logger },
  });
  pulses.changed.on((list) => parts.tellAll('desk.pulses', { pulses: [...list] }));
  const restart = { log, commands, driver, sessions, newCommandId, pings: driver.ping };
  return {
    pulses,
    service,
    methods: {
      'reach.probe': async () => ({
        reach: await probeReach({
          pulses,
          service,
          now,
          states: () => log.states().values(),
          surfaces: () => surfaces,
          devices: () => remote.list(),
          relay: () => remote.status(),
          roundTripMs: async (limitMs) => await remote.roundTripMs(limitMs),
          heardAgoMs: () => remote.heardAgoMs(),
          note: parts.note,
        }),
      }),
      'session.restart': async ({ sessionId, commandId }, { surface }) =>
        await restartSession(restart, sessionId, commandId, surface),
    },
  };
}
