import { z } from 'zod';
import { deviceIdSchema, MAX_REVOKED, type ChannelId } from '../../protocol/relay.ts';

/** What a cluster remembers of a host that is at none of its nodes. */
export const channelFactsSchema = z.object({
  v: z.literal(1),
  /** Grants of an earlier epoch are void. */
  epoch: z.number().int().nonnegative(),
  revoked: z.array(deviceIdSchema).max(2 * MAX_REVOKED),
  /** Since when its machine sleeps, on its own word. */
  asleepSince: z.iso.datetime().nullable(),
});
export type ChannelFacts = z.infer<typeof channelFactsSchema>;

/**
 * Facts by channel, kept over the end of any node. A cache: a host hands all of it over again when it
 * connects. All ways pass `tests/contracts/fact-store.ts`.
 */
export interface FactStore {
  /** null: nothing is known. Rejects, in words, when that cannot be told in time. */
  read(channel: ChannelId): Promise<ChannelFacts | null>;
  /** The last one put holds; null forgets. Never throws, tries again by itself while the store is away. */
  put(channel: ChannelId, facts: ChannelFacts | null): void;
  /** What was put has been written, or cannot be within the limit. */
  close(limitMs: number): Promise<void>;
}
