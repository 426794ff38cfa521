import { RpcFailure } from '../../protocol/errors.ts';
import { epochSchema } from '../../protocol/ids.ts';
import type { ServiceStatus } from '../../protocol/reach.ts';
import { OLDEST_SUPPORTED_VERSION, PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Handlers } from './handlers.ts';

export interface HostControl {
  readonly version: string;
  readonly home: string;
  readonly keeperPid: number;
  readonly keeperVersion: string;
  /** Agent processes that run now; null when the keeper does not say. */
  agents(): Promise<number | null>;
  readonly startedAtMs: number;
  stop(all: boolean): void;
  serveUi(): Promise<{ url: string; expiresAt: string }>;
  hostName(): string;
  service(): ServiceStatus;
}

type HostMethods = Pick<Handlers, 'hello' | 'host.status' | 'host.stop' | 'host.serveUi'>;

export function hostMethods(control: HostControl, log: EventLog, store: Store): HostMethods {
  return {
    hello: ({ protocol, surface }, connection) => {
      if (protocol < OLDEST_SUPPORTED_VERSION || protocol > PROTOCOL_VERSION)
        throw new RpcFailure(
          'wrongVersion',
          `This host speaks version ${PROTOCOL_VERSION} of the protocol, the surface ${protocol}: update the older of the two.`,
          { host: PROTOCOL_VERSION, oldest: OLDEST_SUPPORTED_VERSION },
        );
      const { device, role } = connection;
      connection.named(surface);
      return {
        protocol: PROTOCOL_VERSION,
        version: control.version,
        home: control.home,
        epoch: epochSchema.parse(store.epoch),
        hostName: control.hostName(),
        service: control.service(),
        ...(device !== null && { device: { ...device, role } }),
      };
    },
    'host.status': async () => {
      const agents = await control.agents();
      return {
        running: true,
        pid: process.pid,
        keeperPid: control.keeperPid,
        version: control.version,
        protocol: PROTOCOL_VERSION,
        uptimeSec: Math.round((Date.now() - control.startedAtMs) / 1_000),
        sessions: [...log.states().values()].filter(
          (state) => !state.archived && state.state !== 'ended',
        ).length,
        keeperVersion: control.keeperVersion,
        ...(agents !== null && { agents }),
      };
    },
    'host.stop': ({ all }) => {
      // After the answer is on its way.
      setImmediate(() => control.stop(all));
      return {};
    },
    'host.serveUi': async () => await control.serveUi(),
  };
}
