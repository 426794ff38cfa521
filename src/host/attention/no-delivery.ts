import { Emitter } from '../../base/emitter.ts';
import type { NotifyPlace, SilenceNote } from '../../protocol/attention.ts';
import type { Courier } from './notice.ts';

/** What tells a person outside of the surfaces in use, and how that fares. */
export interface Delivery {
  readonly courier: Courier;
  places(): NotifyPlace[];
  /** Of the dead-man's note. */
  note(): SilenceNote;
}

/** There is no way to tell anybody. */
export function noDelivery(): Delivery {
  return {
    courier: {
      outlets: () => [],
      outletsChanged: new Emitter<void>(),
      show: () => {},
      withdraw: () => {},
      handed: new Emitter(),
      withdrawn: new Emitter(),
    },
    places: () => [],
    note: () => ({ state: 'unavailable', why: null, devices: 0, renewedAt: null }),
  };
}
