import type { RendezvousId } from '../protocol/relay.ts';

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
