import { z } from 'zod';
import { approvalIdSchema, sessionIdSchema } from './ids.ts';
import { deviceIdSchema } from './relay.ts';
import { timeOfDaySchema } from './time-of-day.ts';

/** Why a person is asked to look. The order is that of need. */
export const ATTENTION_KINDS = [
  /** A tool call waits for a decision. */
  'decision',
  'question',
  /** Something is wrong with the host or its machine, or an agent hangs. */
  'machine',
  'failed',
  /** The session goes on by itself later, or was put aside until somebody continues it. */
  'parked',
  /** A turn is over, and nothing waits in its queue. */
  'finished',
] as const;
const kindSchema = z.enum(ATTENTION_KINDS);
export type AttentionKind = (typeof ATTENTION_KINDS)[number];
/** What the host tells; a newer one may know more kinds. */
export const attentionKindSchema = kindSchema.catch('machine');

/**
 * Where a person can be told: `window`, `tray`, `browser`, `editor`, `cli` (a surface of this machine
 * that a person is active at), `device:<id>`, `desktop` (a notification by the tray app), `ntfy`,
 * `webhook`.
 */
export const placeSchema = z.string().min(1).max(120);
export type Place = z.infer<typeof placeSchema>;

/** How one telling went. */
export const toldSchema = z.object({
  place: placeSchema,
  at: z.iso.datetime(),
  /** `shown`: on a surface that is in use. `handed`: a push service, server or desktop has it. */
  outcome: z.enum(['shown', 'handed', 'failed']).catch('failed'),
  problem: z.string().max(400).optional(),
});
export type Told = z.infer<typeof toldSchema>;

/** One thing that asks for a person, until it is over or (where nothing is to be decided) seen. */
export const attentionItemSchema = z.object({
  /** The approval's id, or made of the session and what happened; the same over restarts. */
  id: z.string().min(1).max(120),
  kind: attentionKindSchema,
  sessionId: sessionIdSchema.optional(),
  approvalId: approvalIdSchema.optional(),
  /** The session's title, or what of the machine it is about. */
  title: z.string().max(200),
  /** What happened, in a sentence. */
  text: z.string().max(400),
  since: z.iso.datetime(),
  /** By somebody who may act on it; null: not yet. */
  seenAt: z.iso.datetime().nullable(),
  told: z.array(toldSchema).max(60),
});
export type AttentionItem = z.infer<typeof attentionItemSchema>;

/** What asks for a person now, oldest first, at most 500. */
export const attentionSchema = z.object({
  items: z.array(attentionItemSchema).max(500),
  /** Quiet hours: until then only what is excepted is told. null: none now. */
  quietUntil: z.iso.datetime().nullable(),
});
export type Attention = z.infer<typeof attentionSchema>;

const switches = z.strictObject({
  decision: z.boolean(),
  question: z.boolean(),
  machine: z.boolean(),
  failed: z.boolean(),
  parked: z.boolean(),
  finished: z.boolean(),
});

/**
 * When and how a person is told. The keys stand in config.json under `notify`; absent there, the
 * values of `DEFAULT_NOTIFY_POLICY` hold.
 */
export const notifyPolicySchema = z.strictObject({
  kinds: switches,
  /** Seconds after which what nobody has seen goes to the next place. */
  seenSec: z.number().int().min(5).max(3_600),
  /** Seconds between repetitions, once every place was told. */
  repeatSec: z.number().int().min(30).max(86_400),
  /** How often it is repeated, louder, at every place; 0: never. */
  repeats: z.number().int().min(0).max(20),
  /** Between these times, which may span midnight, only `quietExcept` is told; null: none. */
  quietHours: z.strictObject({ from: timeOfDaySchema, to: timeOfDaySchema }).nullable(),
  quietExcept: z.array(kindSchema).max(ATTENTION_KINDS.length),
  /** So many within `digestSec` at one place make one notification that says so. */
  digestFrom: z.number().int().min(2).max(100),
  digestSec: z.number().int().min(1).max(600),
  /** A notification on this machine's desktop, by the tray app. */
  desktop: z.boolean(),
  /** Minutes of silence after which the relay tells devices that this machine is gone; 0: never. */
  silenceMinutes: z.number().int().min(0).max(1_440),
});
export type NotifyPolicy = z.infer<typeof notifyPolicySchema>;

export const DEFAULT_NOTIFY_POLICY: NotifyPolicy = {
  kinds: {
    decision: true,
    question: true,
    machine: true,
    failed: true,
    parked: true,
    finished: true,
  },
  seenSec: 30,
  repeatSec: 300,
  repeats: 3,
  quietHours: null,
  quietExcept: [],
  digestFrom: 3,
  digestSec: 10,
  desktop: true,
  silenceMinutes: 5,
};

/** Where else a person is told; only a surface of this machine may change that. */
export const notifyChannelsSchema = z.strictObject({
  /** https://ntfy.sh or one's own server; see `allowHosts`. */
  ntfy: z
    .strictObject({
      url: z.url().max(300),
      topic: z.string().regex(/^[\w-]{1,64}$/),
      token: z.string().min(1).max(200).optional(),
      /** Titles and words too: that server reads them. */
      detail: z.boolean().optional(),
    })
    .nullable(),
  webhook: z
    .strictObject({
      url: z.url().max(1_000),
      /** Of the signature, HMAC-SHA256; see docs/notifications.md. */
      secret: z.string().min(16).max(200),
      detail: z.boolean().optional(),
    })
    .nullable(),
  /** `host` or `host:port`: may be private, and plain http. All others are https and public. */
  allowHosts: z.array(z.string().min(1).max(260)).max(20),
});
export type NotifyChannels = z.infer<typeof notifyChannelsSchema>;

/** A place that a person is told at, and how it fares. */
export const notifyPlaceSchema = z.object({
  place: placeSchema,
  kind: z.enum(['push', 'desktop', 'ntfy', 'webhook']),
  /** A device's name, a server's. Never an address with a secret in it. */
  name: z.string().max(300),
  device: deviceIdSchema.optional(),
  state: z.enum(['on', 'failing', 'off']),
  lastAt: z.iso.datetime().nullable(),
  problem: z.string().max(400).nullable(),
});
export type NotifyPlace = z.infer<typeof notifyPlaceSchema>;

/** The dead-man's note: what the relay tells devices when this host falls silent. */
export const silenceNoteSchema = z.object({
  /** `left`: with the relay. `idle`: nothing works, so none is needed. */
  state: z.enum(['left', 'idle', 'off', 'unavailable']),
  /** Of `unavailable`, in words. */
  why: z.string().max(400).nullable(),
  devices: z.number().int().nonnegative(),
  renewedAt: z.iso.datetime().nullable(),
});
export type SilenceNote = z.infer<typeof silenceNoteSchema>;

/** What is shown of it; secrets stay in config.json. */
export const notifyStateSchema = z.object({
  // Not strict here: a newer host may know more.
  policy: z.object(notifyPolicySchema.shape).extend({ kinds: z.object(switches.shape) }),
  places: z.array(notifyPlaceSchema).max(100),
  note: silenceNoteSchema,
  quietUntil: z.iso.datetime().nullable(),
  /** As in {@link notifyChannelsSchema}; told to surfaces of this machine only. */
  allowHosts: notifyChannelsSchema.shape.allowHosts.optional(),
});
export type NotifyState = z.infer<typeof notifyStateSchema>;
