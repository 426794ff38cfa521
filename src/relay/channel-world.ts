import type { ChannelId } from '../protocol/relay.ts';
import type { Channel } from './channel.ts';
import type { Clock } from './clock.ts';
import type { Desks } from './host-desks.ts';
import type { Metrics } from './metrics.ts';
import type { Place } from './place.ts';
import type { RendezvousBook } from './rendezvous.ts';
import type { Throttle } from './throttle.ts';

/** What a channel needs of the relay around it. */
export interface ChannelWorld extends Desks {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly throttle: Throttle;
  readonly rendezvous: RendezvousBook;
  readonly maxSeats: number;
  /** Absent: this relay is one process. */
  readonly placeOf?: ((id: ChannelId, channel: Channel) => Place) | undefined;
  /** Nobody is connected any more. */
  emptied(channel: Channel): void;
}
