import { z } from 'zod';
import { nodeIdSchema } from './node-id.ts';
import type { NodeId } from './peers.ts';

/**
 * When a host dialled, by its own clock, and where it came in. Of two the greater is the host: its
 * clock never goes back from dial to dial, those of two nodes may be apart.
 */
export interface Stamp {
  readonly dialledMs: number;
  readonly node: NodeId;
}

/** What is said on the subjects `host` and `seek`: at this node is the host that has dialled then. */
const stampSchema = z.object({
  v: z.literal(1),
  node: nodeIdSchema,
  dialledMs: z.number().int().nonnegative(),
});

export function isNewer(one: Stamp, other: Stamp): boolean {
  return one.dialledMs === other.dialledMs
    ? one.node > other.node
    : one.dialledMs > other.dialledMs;
}

export function isSame(one: Stamp, other: Stamp): boolean {
  return one.dialledMs === other.dialledMs && one.node === other.node;
}

export function stampBytes({ node, dialledMs }: Stamp): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, node, dialledMs }));
}

/** null for what is none: another program's on our subjects, or a later version's. */
export function readStamp(bytes: Uint8Array): Stamp | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString());
    return stampSchema.safeParse(json).data ?? null;
  } catch {
    return null;
  }
}
