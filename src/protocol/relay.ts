import { z } from 'zod';

/**
 * What is said to a relay in the clear. A relay knows this file and no other contract: it carries
 * sealed bytes between one host and its devices and can read none of them.
 *
 * One connection: a WebSocket at `RELAY_PATH`, subprotocol `RELAY_SUBPROTOCOL`. Text frames are the
 * JSON messages below, binary frames are cargo. The relay speaks first (`challenge`); the client
 * answers with one of `admissionSchema`; the relay says `admitted`, or `refused` and closes.
 *
 * Cargo on a device's or guest's socket is one sealed frame. On the host's socket it is
 * `slot (u32, big-endian) ‖ sealed frame`; a slot is one connected device or guest, numbered by
 * the relay, never used again while the host is connected.
 */
export const RELAY_PATH = '/v1/connect';
export const RELAY_SUBPROTOCOL = 'porchlight.relay.1';

/** Where WebSocket is blocked: POST `RELAY_POLL_PATH` opens, see `pollOpenedSchema`. */
export const RELAY_POLL_PATH = '/v1/poll';

export const POLL_RESUME_SECONDS = 30;
/** Body of one POST `up`; more is refused with 413. */
export const MAX_POLL_UP_BYTES = 1024 * 1024;

/** Bytes of one cargo frame, the slot number not counted: a Noise message and room to spare. */
export const MAX_CARGO_BYTES = 65_535;
export const MAX_CONTROL_CHARS = 256 * 1024;
/** A socket with more than this unread is closed with `CLOSE_SLOW`, and resumes by cursor. */
export const MAX_UNREAD_BYTES = 1024 * 1024;
/** What a guest may send in all, and for how long it may stay: pairing needs a few hundred bytes. */
export const MAX_GUEST_BYTES = 64 * 1024;
export const MAX_GUEST_SECONDS = 180;
export const MAX_RENDEZVOUS_SECONDS = 180;
/** Devices that a host may name as revoked; more means that it starts a new grant epoch. */
export const MAX_REVOKED = 1_000;

/** Of one host: one for each device. */
export const MAX_NOTES = 50;

/** One mail as it is sealed: a prompt, a decision; what is bigger waits at the device. */
export const MAX_MAIL_BYTES = 32 * 1024;
/** How much mail the relay hands to a host before it has said `mailTaken`. */
export const MAX_MAIL_UNTAKEN = 16;

/** Close codes, RFC 6455 §7.4.2 (4000 and up are ours). The reason is a short text for people. */
export const CLOSE_SLOW = 1013;
/** Not admitted; trying again at once is no use. `refused` was sent before. */
export const CLOSE_REFUSED = 4401;
/** The host proved itself on another connection. */
export const CLOSE_REPLACED = 4409;
/** The host closed this slot, or is gone. */
export const CLOSE_ENDED = 4410;
/** A limit; trying again later is right. */
export const CLOSE_BUSY = 4429;
/** RFC 6455 registry, "service restart": this node stops, or has lost the others; dial again at once, with jitter. */
export const CLOSE_MOVE = 1012;

const bytes = (length: number) =>
  z
    .string()
    .length(Math.ceil((length * 4) / 3))
    .regex(/^[\w-]*$/);

/** base64url without padding. 16 bytes: the head of SHA-256 over `CHANNEL_TAG ‖ host's relay key`. */
export const channelIdSchema = bytes(16).brand<'ChannelId'>();
export type ChannelId = z.infer<typeof channelIdSchema>;
/** 16 random bytes, chosen by the host at pairing. */
export const deviceIdSchema = bytes(16).brand<'DeviceId'>();
export type DeviceId = z.infer<typeof deviceIdSchema>;
/** 16 random bytes, one offer. */
export const rendezvousIdSchema = bytes(16).brand<'RendezvousId'>();
export type RendezvousId = z.infer<typeof rendezvousIdSchema>;

/** 16 random bytes, chosen by the device: the same one again is the same mail. */
export const mailIdSchema = bytes(16).brand<'MailId'>();
export type MailId = z.infer<typeof mailIdSchema>;

/** base64url of one mail; what is in it only the host can open, see `connection/sealed/mail.ts`. */
const sealedMailSchema = z
  .string()
  .min(1)
  .max(Math.ceil((MAX_MAIL_BYTES * 4) / 3))
  .regex(/^[\w-]+$/);

/** Ed25519 public key, RFC 8032, 32 bytes raw. */
export const hostRelayKeySchema = bytes(32);
/** ECDSA P-256 public key, 65 bytes, uncompressed point (SEC 1 §2.3.3), as WebCrypto exports `raw`. */
export const deviceSigningKeySchema = bytes(65);
/** Ed25519 (RFC 8032), or ECDSA P-256 with SHA-256 as r ‖ s (IEEE P1363, WebCrypto's form): 64 bytes. */
const signatureSchema = bytes(64);

/** Each signed text starts with its tag and a zero byte, so that no signature serves two purposes. */
export const CHANNEL_TAG = 'porchlight channel v1\0';
export const GRANT_TAG = 'porchlight grant v1\0';
export const HOST_PROOF_TAG = 'porchlight relay host v1\0';
export const DEVICE_PROOF_TAG = 'porchlight relay device v1\0';

/**
 * A host's word that a device may use its channel. Signed by the host's relay key over
 * `grantText`; names the device's own key, so that it is worth nothing without that; does not
 * expire with time.
 */
export const grantSchema = z.object({
  hostKey: hostRelayKeySchema,
  device: deviceIdSchema,
  deviceKey: deviceSigningKeySchema,
  /** Counts up when the host revokes all devices. */
  epoch: z.number().int().nonnegative().max(0xffff_ffff),
  signature: signatureSchema,
});
export type Grant = z.infer<typeof grantSchema>;

/** What the host signs: ASCII, the parts in base64url as they stand in the grant. */
export function grantText({
  device,
  deviceKey,
  epoch,
}: Omit<Grant, 'hostKey' | 'signature'>): string {
  return `${GRANT_TAG}${device} ${deviceKey} ${epoch}`;
}

/**
 * What a host (`who` is its channel) or a device (`who` is `channel.device`) signs to be admitted:
 * the relay's nonce, and the authority (`host:port`) it dialled, so that a relay cannot pass
 * another relay's challenge on. ASCII.
 */
export function proofText(tag: string, nonce: string, authority: string, who: string): string {
  return `${tag}${nonce} ${authority} ${who}`;
}

/** Relay → client. */
export const relayMessageSchema = z.discriminatedUnion('type', [
  /** First on every connection. */
  z.object({ type: z.literal('challenge'), nonce: bytes(32) }),
  /** `host`: whether the host is connected (true for the host itself). */
  z.object({
    type: z.literal('admitted'),
    host: z.boolean(),
    /** Where `host` is false: since when its machine sleeps, if it said so before it went. */
    asleepSince: z.iso.datetime().optional(),
    /** To the host: this relay keeps notes, and for which silences. */
    notes: z
      .object({
        minSec: z.number().int().positive(),
        maxSec: z.number().int().positive(),
      })
      .optional(),
    /** This relay keeps mail for a host that is away, each for so long. Not said to guests. */
    mail: z.object({ maxAgeSec: z.number().int().positive() }).optional(),
  }),
  z.object({
    type: z.literal('refused'),
    code: z.enum([
      /** The signature, grant, authority or channel is wrong. */
      'badProof',
      'revoked',
      /** No such rendezvous, it is over, or a guest has it. */
      'noRendezvous',
      /** Too many connections or attempts: later. */
      'busy',
      /** What was sent is not of this protocol. */
      'badMessage',
    ]),
    message: z.string().max(400),
  }),
  /** To devices: the host came or went. Slots of a host that went are gone. */
  z.object({
    type: z.literal('host'),
    here: z.boolean(),
    /** With `here` false: its machine sleeps. */
    asleepSince: z.iso.datetime().optional(),
  }),
  z.object({ type: z.literal('pong') }),
  /** To the host: somebody is on this slot. One of `device` and `rendezvous` is set. */
  z.object({
    type: z.literal('opened'),
    slot: z.number().int().positive().max(0xffff_ffff),
    device: deviceIdSchema.nullable(),
    rendezvous: rendezvousIdSchema.nullable(),
  }),
  z.object({ type: z.literal('closed'), slot: z.number().int() }),
  /** To the host, once it is back: notes that were delivered meanwhile, or were tried to be. */
  z.object({
    type: z.literal('notesFired'),
    fired: z
      .array(
        z.object({
          device: deviceIdSchema,
          at: z.iso.datetime(),
          /** What the push service answered; null: nothing. */
          status: z.number().int().nullable(),
        }),
      )
      .max(MAX_NOTES),
  }),
  /** To the host: these notes are not kept, and why, in words. An earlier one of the device may be. */
  z.object({
    type: z.literal('notesRefused'),
    devices: z.array(deviceIdSchema).max(MAX_NOTES),
    message: z.string().max(400),
  }),
  /** To a device: its mail is kept; a later end of any one machine of the relay loses none of it. */
  z.object({ type: z.literal('mailLeft'), id: mailIdSchema }),
  /**
   * To a device: it is not, and why, in words. `again`: later it may be. Without `isSure` it may have
   * been kept all the same: the store did not say so in time.
   */
  z.object({
    type: z.literal('mailNotLeft'),
    id: mailIdSchema,
    again: z.boolean(),
    isSure: z.boolean().optional(),
    message: z.string().max(400),
  }),
  /**
   * To the host: what a device left while it was away, oldest first, at most `MAX_MAIL_UNTAKEN` before
   * it says `mailTaken`; the same one may come again until then.
   */
  z.object({
    type: z.literal('mail'),
    device: deviceIdSchema,
    id: mailIdSchema,
    /** When the relay took it. */
    at: z.iso.datetime(),
    sealed: sealedMailSchema,
  }),
]);
export type RelayMessage = z.infer<typeof relayMessageSchema>;

/** Client → relay, the first message of each. */
export const admissionSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('host'),
    key: hostRelayKeySchema,
    authority: z.string().max(300),
    /** Over `proofText(HOST_PROOF_TAG, nonce, authority, channel)`. */
    signature: signatureSchema,
    revoked: z.array(deviceIdSchema).max(MAX_REVOKED),
    /** Grants of an earlier epoch are void. */
    epoch: z.number().int().nonnegative(),
    /**
     * Milliseconds since 1970 by the host's clock when it dialled, greater at each dial: where a host
     * seems to be at two nodes of a relay, the greater one is it. Absent: an older host's.
     */
    dialledMs: z.number().int().nonnegative().optional(),
  }),
  z.object({
    type: z.literal('device'),
    grant: grantSchema,
    authority: z.string().max(300),
    /** By the grant's `deviceKey`, over `proofText(DEVICE_PROOF_TAG, nonce, authority, 'channel.device')`. */
    signature: signatureSchema,
  }),
  z.object({ type: z.literal('guest'), rendezvous: rendezvousIdSchema }),
]);
export type Admission = z.infer<typeof admissionSchema>;

/** Device or guest → relay, once admitted. A page sends it only while a person looks at it. */
export const guestControlSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping') }),
  /** Only of a device, and only where `admitted` said that mail is kept. Answered by `mailLeft` or `mailNotLeft`. */
  z.object({ type: z.literal('leaveMail'), id: mailIdSchema, sealed: sealedMailSchema }),
]);
export type GuestControl = z.infer<typeof guestControlSchema>;

/**
 * What a relay sends for a host that has fallen silent: a push that is sealed (RFC 8291) and signed
 * (VAPID, RFC 8292) beforehand. The relay learns where it goes and when, and no more. One a device:
 * the next takes the place of the last.
 */
export const noteSchema = z.object({
  device: deviceIdSchema,
  /** https; an untrusted URL. */
  endpoint: z.url().max(2_048),
  /** The body, `Content-Encoding: aes128gcm`, at most 4,096 bytes; base64url. */
  body: z
    .string()
    .max(5_462)
    .regex(/^[\w-]+$/),
  /** The header `Authorization`. */
  authorization: z
    .string()
    .max(1_024)
    .regex(/^vapid [\x20-\x7e]+$/),
  /** `Topic`, RFC 8030 §5.4: a push service that still has an older one drops that. */
  topic: z.string().regex(/^[\w-]{1,32}$/),
  /** Seconds that the push service keeps it for a device that is off. */
  ttlSec: z.number().int().nonnegative().max(604_800),
  /** Seconds of the host's silence after which it is sent. */
  afterSec: z.number().int().positive(),
  /** From now; later the token is worth nothing, and the note is dropped. */
  goodForSec: z.number().int().positive().max(86_400),
});
export type Note = z.infer<typeof noteSchema>;

/** Host → relay, once admitted. */
export const hostControlSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping') }),
  /** Ends a slot; the other side is closed with `CLOSE_ENDED` and the reason. */
  z.object({
    type: z.literal('close'),
    slot: z.number().int(),
    reason: z.string().max(100),
  }),
  /** Admits one guest, until `seconds` are over or `open` is false. At most one at a time a host. */
  z.object({
    type: z.literal('rendezvous'),
    rendezvous: rendezvousIdSchema,
    open: z.boolean(),
    seconds: z.number().int().positive().max(MAX_RENDEZVOUS_SECONDS).default(120),
  }),
  /** From now on; the sockets of these devices are closed at once. */
  z.object({
    type: z.literal('revoke'),
    revoked: z.array(deviceIdSchema).max(MAX_REVOKED),
    epoch: z.number().int().nonnegative(),
  }),
  /** Its machine is about to sleep: devices that come are told, until it is back. An older relay closes. */
  z.object({ type: z.literal('sleeping'), since: z.iso.datetime() }),
  /** Only where `admitted` said that notes are kept. Each counts from now. */
  z.object({ type: z.literal('notes'), notes: z.array(noteSchema).min(1).max(MAX_NOTES) }),
  /** Of these devices, absent: all. */
  z.object({
    type: z.literal('dropNotes'),
    devices: z.array(deviceIdSchema).max(MAX_NOTES).optional(),
  }),
  /** It has these from `notesFired`, and need not be told of them again. */
  z.object({
    type: z.literal('notesHeard'),
    fired: z.array(z.object({ device: deviceIdSchema, at: z.iso.datetime() })).max(MAX_NOTES),
  }),
  /** It has these, and what came of them is kept: they need not come again. */
  z.object({
    type: z.literal('mailTaken'),
    mail: z
      .array(z.object({ device: deviceIdSchema, id: mailIdSchema }))
      .min(1)
      .max(MAX_MAIL_UNTAKEN),
  }),
]);
export type HostControl = z.infer<typeof hostControlSchema>;

/**
 * The fallback: POST `RELAY_POLL_PATH` answers `pollOpenedSchema`. `GET <path>/<id>/down` is an SSE
 * stream, each event one frame in order with `id:` counting from 1 (`Last-Event-ID` resumes within
 * 30 s); `event: text` carries JSON, `event: cargo` base64url. `POST <path>/<id>/up` carries
 * `pollUpSchema`; `n` counts from 1, and one that came already is answered again, not done again.
 */
export const pollOpenedSchema = z.object({ id: bytes(32) });
/**
 * Last event of a stream, `event: close`: as a WebSocket's close code and reason. The id is unknown
 * from then on (404), as it is when nobody came to resume (or 410: what is missing is gone).
 */
export const pollClosedSchema = z.object({ code: z.number().int(), reason: z.string() });
export const pollUpSchema = z.object({
  n: z.number().int().positive(),
  frames: z
    .array(z.union([z.object({ text: z.string() }), z.object({ cargo: z.string() })]))
    .min(1)
    .max(64),
});

/** GET `/healthz`: 200 while the process answers at all. */
export const relayHealthSchema = z.object({ ok: z.boolean(), version: z.string() });
/** GET `/readyz`: 200, or 503 with why no new connection is wanted here, in words. */
export const relayReadySchema = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });
