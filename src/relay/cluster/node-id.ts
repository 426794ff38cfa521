import { z } from 'zod';

/** 12 random bytes, base64url: one process of a relay. */
export const nodeIdSchema = z
  .string()
  .regex(/^[\w-]{16}$/)
  .brand<'NodeId'>();
