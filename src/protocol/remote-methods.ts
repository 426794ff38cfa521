import { z } from 'zod';
import {
  deviceSchema,
  MAX_DEVICE_NAME_CHARS,
  MAX_PERSON_CHARS,
  relayStatusSchema,
  roleSchema,
} from './devices.ts';
import { localMethod, method } from './method.ts';
import { pairStateSchema } from './pairing.ts';
import { deviceIdSchema } from './relay.ts';

const nothing = z.object({});

/** The rows of the table of methods about pairing, devices and the way to them. */
export const remoteMethods = {
  /** Makes the host's way to its devices; at most one offer at a time, a new one ends the last. */
  'pair.offer': localMethod(
    z.object({
      /** Preselected for the person who confirms; absent: approver. */
      role: roleSchema.optional(),
      /** Another relay than the configured one. */
      relay: z.url().optional(),
      /** Plain http on the local network, as a trial; see `pairStateSchema`. */
      lan: z.boolean().default(false),
    }),
    z.object({ state: pairStateSchema }),
  ),
  /** Where the pairing stands; changes arrive as `pair.state` until the connection ends. */
  'pair.follow': localMethod(nothing, z.object({ state: pairStateSchema })),
  /** The digits on the phone are these; fails with `refused` where they are not, and ends the offer. */
  'pair.confirm': localMethod(
    z.object({
      digits: z.string().regex(/^\d{6}$/),
      role: roleSchema.optional(),
      /** Whose it is; absent: the owner's. */
      person: z.string().trim().min(1).max(MAX_PERSON_CHARS).optional(),
    }),
    z.object({ device: deviceSchema }),
  ),
  'pair.refuse': localMethod(nothing, nothing),
  /** Takes the offer back. Done too when the connection that made it ends. */
  'pair.cancel': localMethod(nothing, nothing),
  'devices.list': localMethod(nothing, z.object({ devices: z.array(deviceSchema) })),
  'devices.rename': localMethod(
    z.object({ device: deviceIdSchema, name: z.string().trim().min(1).max(MAX_DEVICE_NAME_CHARS) }),
    z.object({ device: deviceSchema }),
  ),
  /** Open connections of the device are ended; they come back in the new role. */
  'devices.setRole': localMethod(
    z.object({ device: deviceIdSchema, role: roleSchema }),
    z.object({ device: deviceSchema }),
  ),
  /** For good: it is cut off at once and would have to be paired anew. */
  'devices.revoke': localMethod(
    z.union([z.object({ device: deviceIdSchema }), z.object({ all: z.literal(true) })]),
    z.object({ revoked: z.array(deviceIdSchema) }),
  ),
  'relay.status': method('viewer', nothing, relayStatusSchema),
  /** Folders where this surface may start a session: recent ones, and what the owner allows. */
  'folder.places': method(
    'operator',
    nothing,
    z.object({
      /** Most recent first. */
      recent: z.array(z.string()).max(50),
      /** `folder.list` works at and below these; for a local surface there is no such bound. */
      roots: z.array(z.string()).max(50),
    }),
  ),
} as const;
