import { z } from 'zod';
import { channelIdSchema, deviceIdSchema, MAX_REVOKED } from '../../protocol/relay.ts';
import type { Kind } from './exchange.ts';

/*
 * Between a node that has devices of a channel (trunk) and the one that has its host (root). All
 * numbers are chosen by the trunk's node, and never used again in its life.
 *
 *   cargoUp, cargoDown   kind ‖ number (u32, big-endian) ‖ sealed frame
 *   credit               kind ‖ number (u32) ‖ bytes (u32)
 *   trunkWord, rootWord  kind ‖ JSON
 */

const number = z.number().int().nonnegative().max(0xffff_ffff);
const revoked = z.array(deviceIdSchema).max(2 * MAX_REVOKED);
const epoch = z.number().int().nonnegative();

/** From the trunk. */
export const trunkWordSchema = z.discriminatedUnion('type', [
  /** Begins a trunk, to the host that dialled then. */
  z.object({
    type: z.literal('attach'),
    trunk: number,
    channel: channelIdSchema,
    dialledMs: z.number().int().nonnegative(),
  }),
  z.object({ type: z.literal('detach'), trunk: number }),
  /** A device; `isNew`: it has connected now, and not only found its host now. */
  z.object({
    type: z.literal('device'),
    trunk: number,
    number,
    device: deviceIdSchema,
    epoch,
    isNew: z.boolean(),
  }),
  /** The guest that has just taken the host's offer. */
  z.object({ type: z.literal('guest'), trunk: number, number }),
  z.object({ type: z.literal('left'), number }),
]);
export type TrunkWord = z.infer<typeof trunkWordSchema>;

/** From the root. */
export const rootWordSchema = z.discriminatedUnion('type', [
  /** Whom the host has revoked: after `attach`, and at each change. */
  z.object({ type: z.literal('revoked'), trunk: number, revoked, epoch }),
  /** The host is not, or no more, where the trunk leads. All numbers of it are over. */
  z.object({
    type: z.literal('detached'),
    trunk: number,
    asleepSince: z.iso.datetime().nullable(),
  }),
  /** Its line is to be closed so. */
  z.object({
    type: z.literal('close'),
    number,
    code: z.number().int().min(1000).max(4999),
    reason: z.string().max(123),
  }),
]);
export type RootWord = z.infer<typeof rootWordSchema>;

export function wordBytes(kind: Kind, word: TrunkWord | RootWord): Buffer {
  return Buffer.from(`${String.fromCharCode(kind)}${JSON.stringify(word)}`);
}

/** null for what a later version says. */
export function readWord<T>(schema: z.ZodType<T>, message: Buffer): T | null {
  try {
    const json: unknown = JSON.parse(message.toString('utf8', 1));
    return schema.safeParse(json).data ?? null;
  } catch {
    return null;
  }
}

/** What goes in front of cargo. */
export const CARGO_HEAD_BYTES = 5;

export function numbered(kind: Kind, number: number): Buffer {
  const head = Buffer.allocUnsafe(CARGO_HEAD_BYTES);
  head[0] = kind;
  head.writeUInt32BE(number, 1);
  return head;
}

const CREDIT_BYTES = 9;

export function creditBytes(kind: Kind, number: number, bytes: number): Buffer {
  const message = Buffer.allocUnsafe(CREDIT_BYTES);
  message[0] = kind;
  message.writeUInt32BE(number, 1);
  message.writeUInt32BE(bytes, 5);
  return message;
}

export function readCredit(message: Buffer): { number: number; bytes: number } | null {
  if (message.length !== CREDIT_BYTES) return null;
  return { number: message.readUInt32BE(1), bytes: message.readUInt32BE(5) };
}
