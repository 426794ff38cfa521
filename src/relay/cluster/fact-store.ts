import { z } from 'zod';
import { deviceIdSchema, MAX_REVOKED, type ChannelId } from '../../protocol/relay.ts';

/**
 * Of two facts of one host the greater are the newer: when its line was dialled, by the host's own clock,
 * and how often something was said of it on that line. A node may come late with what it has to write.
 */
const factOrderSchema = z.object({
  dialledMs: z.number().int().nonnegative(),
  revision: z.number().int().nonnegative(),
});
export type FactOrder = z.infer<typeof factOrderSchema>;

/** What a cluster remembers of a host that is at none of its nodes. */
export const channelFactsSchema = z.object({
  v: z.literal(1),
  /** Grants of an earlier epoch are void. */
  epoch: z.number().int().nonnegative(),
  revoked: z.array(deviceIdSchema).max(2 * MAX_REVOKED),
  /** Since when its machine sleeps, on its own word. */
  asleepSince: z.iso.datetime().nullable(),
  /** Absent: of a host that does not say when it dialled, or written before there was an order. */
  order: factOrderSchema.optional(),
});
export type ChannelFacts = z.infer<typeof channelFactsSchema>;

/**
 * Facts by channel, kept over the end of any node. A cache: a host hands all of it over again when it
 * connects. All ways pass `tests/contracts/fact-store.ts`.
 */
export interface FactStore {
  /** null: nothing is known. Rejects, in words, when that cannot be told in time. */
  read(channel: ChannelId): Promise<ChannelFacts | null>;
  /**
   * The last one put holds, and of several nodes the newest by its order: older ones are passed over.
   * Never throws, tries again by itself while the store is away.
   */
  put(channel: ChannelId, facts: ChannelFacts): void;
  /** As `put`, of nothing. */
  forget(channel: ChannelId, order?: FactOrder): void;
  /** What was put has been written, or cannot be within the limit. */
  close(limitMs: number): Promise<void>;
}

/** What is to be written; `facts` null: nothing is known any more. */
export interface FactChange {
  readonly facts: ChannelFacts | null;
  readonly order: FactOrder | undefined;
}

/** Where one of them has no order the later to come is the newer. */
export function isOlder(one: FactOrder | undefined, other: FactOrder | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.dialledMs === other.dialledMs
    ? one.revision < other.revision
    : one.dialledMs < other.dialledMs;
}

/** What stays where something was forgotten. */
export const forgottenSchema = z.object({ order: factOrderSchema.optional() });
