import type { Emitter } from '../../base/emitter.ts';
import type { PowerState } from '../../protocol/power.ts';
import type { Handlers } from '../api/handlers.ts';
import type { SurfaceConnection } from '../api/surface-connection.ts';
import type { HolderPort } from './holder-port.ts';

/** Rows that are about holds and policy; those about sleep and the lid are served elsewhere. */
export type PowerMethods = Pick<
  Handlers,
  | 'power.state'
  | 'power.hold'
  | 'power.release'
  | 'power.setPolicy'
  | 'power.sleepWhenDone'
  | 'power.setUp'
>;

/** What keeps the machine awake, as the rest of the host sees it. Made in `compose-power.ts`. */
export interface Power {
  readonly holder: HolderPort;
  readonly methods: PowerMethods;
  /** Each change of {@link state} at once, but for ages; `power.changed` follows it a second apart. */
  readonly changed: Pick<Emitter<PowerState>, 'on'>;
  /** As far as it is known now; asks nobody. */
  state(): PowerState;
  /** Tells the surface of each change from now on. */
  follow(surface: PowerSurface): { readonly power: PowerState };
  /** Something jumped: the machine slept, or its clock was set. Reads effects and sensors anew. */
  lookAnew(): Promise<void>;
  /** Called once sessions are restored. */
  start(): void;
  /** Everything is being ended: has the holder undo all and end. Bounded; never throws. */
  stop(): Promise<void>;
  /** This host leaves; another one may come back before the lease is over. */
  close(): void;
}

export type PowerSurface = Pick<SurfaceConnection, 'bufferedBytes' | 'notify' | 'hold'>;
