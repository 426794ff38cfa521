import { z } from 'zod';
import { deviceIdSchema, type DeviceId } from './relay.ts';

/** The place of the newest entry, and its hash: who keeps it notices a log that was cut or rewritten. */
export const auditHeadSchema = z.object({
  n: z.number().int().nonnegative(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AuditHead = z.infer<typeof auditHeadSchema>;

const AUDIT_KINDS = [
  /** The log begins; names the first key. */
  'begun',
  /** Another key signs from the next entry on; named here, and signed by the one before. */
  'keyChanged',
  /** The home was restored from a copy: what came between is not here. */
  'restored',
  'paired',
  'revoked',
  'roleChanged',
  'personChanged',
  'passkeyChanged',
  'sessionStarted',
  'prompted',
  /** A person's decision, or one by a rule. */
  'decided',
  'closed',
  'modeChanged',
  'rulesChanged',
  'nightChanged',
  'powerChanged',
  /** When or where a person is told: the policy, a channel, a device's subscription. */
  'notifyChanged',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Who did it: a surface of this machine, a device and the person it belongs to, or a rule. */
export const auditWhoSchema = z.looseObject({
  surface: z.string(),
  device: z.looseObject({ id: deviceIdSchema, name: z.string() }).optional(),
  /** The owner's account name for surfaces of this machine. */
  person: z.string().optional(),
});
export type AuditWho = {
  surface: string;
  device?: { id: DeviceId; name: string } | undefined;
  person?: string | undefined;
};

/**
 * One entry of the audit log. `hash` is the hex SHA-256 over the canonical JSON (RFC 8785) of all
 * but `hash` and `signature`; `signature` is Ed25519 over `porchlight audit v1\0` and the hash, by
 * the newest key that an entry before it names. What a newer host adds is kept: the hash is over it.
 */
export const auditEntrySchema = z.looseObject({
  /** From 1 without gaps. */
  n: z.number().int().positive(),
  at: z.iso.datetime(),
  /** {@link AuditKind}; a newer host may know more. */
  kind: z.string().max(40),
  who: auditWhoSchema,
  /** By kind: session, approval, call hash, rule, mode …; plain JSON. */
  what: z.record(z.string(), z.unknown()),
  /** Of the entry before; 64 zeros for the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** base64url. */
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type AuditEntry = {
  n: number;
  at: string;
  kind: string;
  who: AuditWho;
  what: Record<string, unknown>;
  previous: string;
  hash: string;
  signature: string;
};

export const auditVerdictSchema = z.object({
  ok: z.boolean(),
  entries: z.number().int(),
  /** The first entry that does not hold; null when all do, or when the end is missing. */
  brokenAt: z.number().int().nullable(),
  why: z.string().nullable(),
  head: auditHeadSchema.nullable(),
});
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;
