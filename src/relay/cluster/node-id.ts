import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { NodeId } from './peers.ts';

/** 12 random bytes, base64url: one process of a relay. */
export const nodeIdSchema = z
  .string()
  .regex(/^[\w-]{16}$/)
  .brand<'NodeId'>();

export function newNodeId(): NodeId {
  return nodeIdSchema.parse(randomBytes(12).toString('base64url'));
}
