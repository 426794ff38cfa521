import { z } from 'zod';
import {
  MAX_DEVICE_NAME_CHARS,
  MAX_DEVICES,
  MAX_PERSON_CHARS,
  roleSchema,
} from '../../protocol/devices.ts';
import { deviceIdSchema, deviceSigningKeySchema, MAX_REVOKED } from '../../protocol/relay.ts';

/** What a device proves with that its person is there: WebAuthn, one a device. */
export const passkeySchema = z.object({
  /** Of the credential; base64url. */
  credential: z.string().min(1).max(2_000),
  /** COSE, base64url. */
  publicKey: z.string().min(1).max(4_000),
  /** How often it was used, where the authenticator counts; else 0. */
  counter: z.number().int().nonnegative(),
  /** Of the page that it was made on. */
  origin: z.string().max(300),
  rpId: z.string().max(260),
  registeredAt: z.iso.datetime(),
});
export type Passkey = z.infer<typeof passkeySchema>;

const key = z.string().regex(/^[\w-]{43}$/);

/** A paired device as the host keeps it. */
export const deviceRecordSchema = z.object({
  id: deviceIdSchema,
  name: z.string().min(1).max(MAX_DEVICE_NAME_CHARS),
  role: roleSchema,
  pairedAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
  via: z.enum(['relay', 'lan']),
  /** The relay where it looks for this host: `own`, or the http(s) address of another. */
  relay: z.union([z.literal('own'), z.url()]),
  /** Whose it is; absent: the owner's. */
  person: z.string().min(1).max(MAX_PERSON_CHARS).optional(),
  passkey: passkeySchema.optional(),
  /** X25519, base64url. */
  publicKey: key,
  /** ECDSA P-256, base64url: for the relay and for decisions. */
  signingKey: deviceSigningKeySchema,
  /** 32 bytes, base64url; shared with the device and nobody else. */
  rootPsk: key,
  /** Of its grant. */
  epoch: z.number().int().nonnegative(),
  /** The highest that came in a first message of a connection the device has confirmed. */
  counter: z.number().int().nonnegative(),
});
export type DeviceRecord = z.infer<typeof deviceRecordSchema>;

/** `devices.json`: who may come in. */
export const deviceFileSchema = z.object({
  version: z.literal(1),
  /** Counts up when all are revoked; relays refuse grants of an earlier one. */
  epoch: z.number().int().nonnegative(),
  /** Revoked in this epoch, for the relays; oldest first. */
  revoked: z.array(deviceIdSchema).max(MAX_REVOKED),
  devices: z.array(deviceRecordSchema).max(MAX_DEVICES),
});
export type DeviceFile = z.infer<typeof deviceFileSchema>;
