import { z } from 'zod';

/** A session of this host: `s_` and 12 letters or digits. */
export const sessionIdSchema = z
  .string()
  .regex(/^s_[a-z0-9]{12}$/)
  .brand<'SessionId'>();
export type SessionId = z.infer<typeof sessionIdSchema>;

/** An approval: `a_` and 12 letters or digits. */
export const approvalIdSchema = z
  .string()
  .regex(/^a_[a-z0-9]{12}$/)
  .brand<'ApprovalId'>();
export type ApprovalId = z.infer<typeof approvalIdSchema>;

/** Made by the surface, UUIDv7 (RFC 9562 §5.7), so that a command sent twice is done once. */
export const commandIdSchema = z.uuidv7().brand<'CommandId'>();
export type CommandId = z.infer<typeof commandIdSchema>;

/** One run of an agent's adapter process, chosen by the host, unique for ever: `i_` + 12. */
export const instanceIdSchema = z
  .string()
  .regex(/^i_[a-z0-9]{12}$/)
  .brand<'InstanceId'>();
export type InstanceId = z.infer<typeof instanceIdSchema>;

/** Changes when history is no longer a continuation (a restored backup). A cursor names its epoch. */
export const epochSchema = z.string().min(1).max(64).brand<'Epoch'>();
export type Epoch = z.infer<typeof epochSchema>;

/** claude, codex, opencode, gemini, demo, or a name from config.json. */
export const agentIdSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,40}$/);
