import type { ChannelId, RendezvousId } from '../protocol/relay.ts';
import type { Channel } from './channel.ts';

/** What the other nodes of a relay are told of a channel, and do for it; `ALONE` where there are none. */
export interface Place {
  /** Whether a host that dialled then is not one that has dialled another node since. */
  mayHost(dialledMs: number | null): boolean;
  /** It sits at its own line here. */
  hostCame(dialledMs: number | null): void;
  /** Before anybody here hears of it. */
  hostWent(asleepSince: string | null): void;
  hostSlept(since: string): void;
  /** The channel's revocations have changed, on the word of the host that is here. */
  hostRevoked(): void;
  hostOffered(rendezvous: RendezvousId, seconds: number): void;
  offerOver(): void;
  /** null: what there is to know of a host elsewhere is known. Ends soon, and never rejects. */
  search(): Promise<void> | null;
  /** Nobody of the channel is here any more. */
  emptied(): void;
}

/** An offer of a host at another node, held for a guest who is here. */
export interface OfferElsewhere {
  readonly channel: ChannelId;
  /** Makes the way to its host; false when that is not the one any more that made the offer. */
  reach(channel: Channel): boolean;
}

/** null: nobody has made this offer, or a guest has taken it. Ends soon, and never rejects. */
export type TakeOffer = (rendezvous: RendezvousId) => Promise<OfferElsewhere | null>;

/** Of a relay that is one process. */
export const ALONE: Place = {
  mayHost: () => true,
  hostCame() {},
  hostWent() {},
  hostSlept() {},
  hostRevoked() {},
  hostOffered() {},
  offerOver() {},
  search: () => null,
  emptied() {},
};
