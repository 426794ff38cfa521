import { z } from 'zod';
import { utf8 } from '../../crypto/bytes.ts';
import {
  ONE_WAY_COST_BYTES,
  openOneWay,
  sealOneWay,
  type OneWayKeys,
} from '../../crypto/noise/one-way.ts';
import { prologueOf } from '../../crypto/prologue.ts';
import { commandIdSchema } from '../../protocol/ids.ts';
import {
  MAX_MAIL_BYTES,
  type ChannelId,
  type DeviceId,
  type MailId,
} from '../../protocol/relay.ts';

/**
 * A mail is as long as one of these, so that its size tells a relay little: a decision and a short
 * prompt are alike.
 */
export const MAIL_SIZES: readonly number[] = [2 * 1024, 8 * 1024, MAX_MAIL_BYTES];
const LENGTH_BYTES = 4;
const COST_BYTES = ONE_WAY_COST_BYTES + LENGTH_BYTES;

const msSchema = z.number().int().nonnegative();

export const mailCommandSchema = z.object({
  commandId: commandIdSchema,
  method: z.string().min(1).max(60),
  /** As they would be sent; the host checks them as it checks those of a connection. */
  params: z.record(z.string(), z.unknown()),
  /** By the device's clock: when the person gave it. */
  madeAtMs: msSchema,
  /** And when it was sealed: a relay that keeps it for too long has it refused. */
  sealedAtMs: msSchema,
});
export type MailCommand = z.infer<typeof mailCommandSchema>;

/** What a mail is bound to: for another place, device, time or number it does not open. */
export interface MailName {
  readonly channel: ChannelId;
  readonly device: DeviceId;
  readonly id: MailId;
  /** Of the device's grant. */
  readonly epoch: number;
}

export type MailKeys = Omit<OneWayKeys, 'prologue'>;

/** It opened, so its device made it; and it is nothing that can be done. */
export class MailMalformed extends Error {
  override name = 'MailMalformed';
}

/** null: it is too long for any mail. */
export async function sealMail(
  command: MailCommand,
  name: MailName,
  keys: MailKeys,
): Promise<Uint8Array | null> {
  const text = utf8(JSON.stringify(command));
  const size = MAIL_SIZES.find((bytes) => bytes >= text.length + COST_BYTES);
  if (size === undefined) return null;
  const payload = new Uint8Array(size - ONE_WAY_COST_BYTES);
  new DataView(payload.buffer).setUint32(0, text.length);
  payload.set(text, LENGTH_BYTES);
  return await sealOneWay(payload, { ...keys, prologue: prologueFor(name) });
}

/** Rejects with `HandshakeFailed` when this device did not make it so, with {@link MailMalformed} otherwise. */
export async function openMail(
  sealed: Uint8Array,
  name: MailName,
  keys: MailKeys,
): Promise<MailCommand> {
  const payload = await openOneWay(sealed, { ...keys, prologue: prologueFor(name) });
  const parsed = mailCommandSchema.safeParse(jsonIn(payload));
  if (!parsed.success) throw new MailMalformed('there is no command in it');
  const { commandId, params } = parsed.data;
  if (params['commandId'] !== commandId) throw new MailMalformed('its command has two ids');
  return parsed.data;
}

const prologueFor = ({ channel, device, id, epoch }: MailName): Uint8Array =>
  prologueOf('mail', channel, device, id, String(epoch));

function jsonIn(payload: Uint8Array): unknown {
  if (payload.length < LENGTH_BYTES) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const end = LENGTH_BYTES + view.getUint32(0);
  if (end > payload.length) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      payload.subarray(LENGTH_BYTES, end),
    );
    return JSON.parse(text);
  } catch {
    return null;
  }
}
