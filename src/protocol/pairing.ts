import { z } from 'zod';
import { deviceSchema, roleSchema } from './devices.ts';
import { deviceSigningKeySchema, grantSchema, type RendezvousId } from './relay.ts';

/** An offer is good for this long, once, and lives in memory only. */
export const OFFER_SECONDS = 120;
/** Failed attempts in a row before offers pause, and for how long. */
export const MAX_PAIRING_FAILURES = 3;
export const PAIRING_PAUSE_SECONDS = 60;
export const OFFER_VERSION = 1;
export const DIGITS = 6;

/** What a pairing QR code carries, in the fragment of a link: `<page>#p=<base64url>`. */
export interface Offer {
  /** http(s) address of the relay, without a trailing slash. */
  readonly relay: string;
  readonly rendezvous: RendezvousId;
  /** X25519, 32 bytes. */
  readonly hostKey: Uint8Array;
  /** One-time, 32 bytes; the psk of the handshake. Never crosses the relay. */
  readonly secret: Uint8Array;
  /** Unix seconds. By the host's clock: the phone's may be wrong, so it is for display only. */
  readonly expiresAt: number;
}

/** Payload of message 1 of pairing (Noise IKpsk1), JSON. */
export const pairingHelloSchema = z.object({
  /** What the device calls itself: "Pixel 9, Chrome". */
  name: z.string().min(1).max(80),
  /** ECDSA P-256; it signs relay proofs and decisions. */
  signingKey: deviceSigningKeySchema,
  version: z.string().max(40),
});
export type PairingHello = z.infer<typeof pairingHelloSchema>;

/** Payload of message 2, JSON. */
export const pairingWelcomeSchema = z.object({
  hostName: z.string().max(80),
  version: z.string().max(40),
});

/** Device → host after the handshake: `here` at once (it proves a live device), or `leave`. */
export const pairingGuestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('here') }),
  /** The person says on the phone that the digits do not match, or gives up. */
  z.object({ type: z.literal('leave'), why: z.enum(['mismatch', 'cancelled']) }),
]);

/** Host → device: the outcome, once. Then the host closes. */
export const pairingResultSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('paired'),
    /** base64url of SHA-256 over the host's X25519 key: tells two hosts apart. */
    hostId: z.string().max(64),
    hostName: z.string().max(80),
    /** Where the device finds the host from now on. */
    relay: z.url(),
    device: z.object({ id: z.string(), name: z.string(), role: roleSchema }),
    grant: grantSchema,
  }),
  z.object({
    type: z.literal('refused'),
    why: z.enum(['refused', 'expired', 'cancelled', 'full']),
    /** For the person. */
    message: z.string().max(400),
  }),
]);
export type PairingResult = z.infer<typeof pairingResultSchema>;

/** Where a pairing stands, for the surfaces of the host's own machine. */
export const pairStateSchema = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({
    phase: z.literal('offered'),
    /** What the QR code says. Holds the secret: to be shown, never logged. */
    url: z.url(),
    expiresAt: z.iso.datetime(),
    /** Preselected. */
    role: roleSchema,
    /** Origin of the page that the phone will run, which has to be trusted. */
    page: z.url(),
    relay: z.url(),
    /** Plain http on the local network: no service worker, no camera, no page integrity. */
    lan: z.boolean(),
  }),
  /** A device scanned it and waits for the person here. */
  z.object({
    phase: z.literal('candidate'),
    name: z.string(),
    digits: z.string().regex(/^\d{6}$/),
    role: roleSchema,
    expiresAt: z.iso.datetime(),
  }),
  z.object({ phase: z.literal('paired'), device: deviceSchema }),
  z.object({
    phase: z.literal('ended'),
    why: z.enum(['expired', 'cancelled', 'refused', 'mismatch', 'failed', 'relay']),
    message: z.string(),
  }),
]);
export type PairState = z.infer<typeof pairStateSchema>;
