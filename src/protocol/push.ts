import { z } from 'zod';
import { attentionKindSchema } from './attention.ts';
import { approvalIdSchema, sessionIdSchema } from './ids.ts';

/** Bytes of one payload before it is sealed: push services take 4 KB, and some of it is the seal's. */
export const MAX_PUSH_BYTES = 3_072;

/** What a browser's PushSubscription is (Push API §9, RFC 8291 §3.1). Its endpoint is an untrusted URL. */
export const pushSubscriptionSchema = z.object({
  endpoint: z.url().max(2_048),
  /** Milliseconds since 1970. */
  expirationTime: z.number().nonnegative().nullish(),
  keys: z.object({
    /** ECDH P-256 public key, 65 bytes, base64url. */
    p256dh: z.string().regex(/^[\w-]{87}=?$/),
    /** 16 bytes, base64url. */
    auth: z.string().regex(/^[\w-]{22}(?:==)?$/),
  }),
});
export type PushSubscriptionJson = z.infer<typeof pushSubscriptionSchema>;

/** How pushes to one device fare. */
export const pushStateSchema = z.object({
  state: z.enum(['on', 'failing', 'off']),
  since: z.iso.datetime(),
  /** When a push service last took one. */
  lastAt: z.iso.datetime().nullable(),
  problem: z.string().max(400).nullable(),
  /** Host name of the push service. */
  service: z.string().max(260).nullable(),
});
export type PushState = z.infer<typeof pushStateSchema>;

/** How a test went, in words for the person who asked for it. */
export const notifyTestSchema = z.object({
  ok: z.boolean(),
  status: z.number().int().nullable(),
  tookMs: z.number().nonnegative(),
  problem: z.string().max(400).nullable(),
});
export type NotifyTest = z.infer<typeof notifyTestSchema>;

const tagSchema = z.string().min(1).max(120);
const head = {
  v: z.literal(1),
  /** Which host: SHA-256 of its sealing key, base64url, as a paired device knows it. */
  host: z.string().max(64),
  /** How many things ask for a person now: the number on the app's icon. */
  badge: z.number().int().nonnegative().max(9_999),
};

/**
 * What a push carries: JSON in UTF-8, sealed for the device by RFC 8291, so that neither push service
 * nor relay reads it. At most {@link MAX_PUSH_BYTES}.
 */
export const pushPayloadSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('show'),
    ...head,
    /** One notification a tag: the same again takes the place of the older one. */
    tag: tagSchema,
    /** Counts up with each telling of the same tag; what was shown already is not shown again. */
    round: z.number().int().positive(),
    kind: attentionKindSchema,
    title: z.string().max(200),
    body: z.string().max(800),
    at: z.iso.datetime(),
    sessionId: sessionIdSchema.optional(),
    approvalId: approvalIdSchema.optional(),
    /** Set where Allow and Deny may be offered: the hash of the whole call, which `body` shows uncut. */
    hash: z.string().max(64).optional(),
    /** It is to be heard, though one of the same tag was. */
    loud: z.boolean(),
    /** A digest: of so many. */
    count: z.number().int().positive().optional(),
  }),
  z.object({
    type: z.literal('withdraw'),
    ...head,
    tags: z.array(tagSchema).max(20),
    /**
     * Of each tag the last round that is taken back, in their order: what is told later holds, and what
     * was told before and comes late does not. Absent: what an approval asks is over for good.
     */
    rounds: z.array(z.number().int().nonnegative()).max(20).optional(),
    /** For browsers in which each push must show something: what takes their place, in words. */
    words: z.string().max(200),
  }),
  /** The dead-man's note, written beforehand; delivered by the relay when the host fell silent. */
  z.object({
    type: z.literal('silence'),
    ...head,
    tag: tagSchema,
    round: z.number().int().positive(),
    hostName: z.string().max(80),
    /** When it was written: the host was well then. */
    writtenAt: z.iso.datetime(),
    /** How many sessions were working. */
    working: z.number().int().nonnegative(),
  }),
]);
export type PushPayload = z.infer<typeof pushPayloadSchema>;
