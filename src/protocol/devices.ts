import { z } from 'zod';
import { pushStateSchema } from './push.ts';
import { deviceIdSchema } from './relay.ts';

/**
 * What a device may do, from least to most. `viewer`: see. `approver`: also decide and answer.
 * `operator`: also prompt, start, stop, change modes and rules. A local surface is its owner's, and
 * an operator.
 */
export const ROLES = ['viewer', 'approver', 'operator'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

export const MAX_DEVICES = 50;
export const MAX_DEVICE_NAME_CHARS = 80;
export const MAX_PERSON_CHARS = 80;

/** A paired remote surface with its own key and role. */
export const deviceSchema = z.object({
  id: deviceIdSchema,
  name: z.string().min(1).max(MAX_DEVICE_NAME_CHARS),
  role: roleSchema,
  pairedAt: z.iso.datetime(),
  /** null: not since it was paired. */
  lastSeenAt: z.iso.datetime().nullable(),
  online: z.boolean(),
  /** Connections now: one for each open page. */
  connections: z.number().int().nonnegative(),
  via: z.enum(['relay', 'lan']),
  /** Whose it is; the audit log says so. An older host does not know. */
  person: z.string().min(1).max(MAX_PERSON_CHARS).optional(),
  /** It can prove that its person is there; see `passkey.register`. */
  passkey: z.boolean().optional(),
  /** null: it did not ask to be told. An older host does not know. */
  push: pushStateSchema.nullable().optional(),
});
export type Device = z.infer<typeof deviceSchema>;

/** The way from this host to its devices. */
export const relayStatusSchema = z.object({
  /** null: none is needed, since there is neither a device nor an offer. */
  url: z.url().nullable(),
  /** Whether this host runs it itself. */
  own: z.boolean(),
  connected: z.boolean(),
  /** Of the present connection, or of the loss. */
  since: z.iso.datetime().nullable(),
  /** Set while devices on the local network are let in directly. */
  lanUrl: z.url().nullable(),
  problem: z.string().nullable(),
});
export type RelayStatus = z.infer<typeof relayStatusSchema>;
