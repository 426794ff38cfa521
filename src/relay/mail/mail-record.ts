import {
  deviceIdSchema,
  mailIdSchema,
  type ChannelId,
  type DeviceId,
} from '../../protocol/relay.ts';
import type { Mail } from './mail-store.ts';

/**
 * One mail in a stream: the subject is `prefix.mail.channel.device.id.bytes`, so that what a host has
 * can be counted without being read; the payload is `1 (u8) ‖ epoch (u32) ‖ atMs (f64) ‖ sealed`, big-endian.
 */
const VERSION = 1;
const HEAD_BYTES = 13;

export type MailName = Pick<Mail, 'device' | 'id'>;

export function mailSubjects(prefix: string): string {
  return `${prefix}.mail.>`;
}

export function mailOf(prefix: string, channel: ChannelId): string {
  return `${prefix}.mail.${channel}.>`;
}

export function anySize(prefix: string, channel: ChannelId, { device, id }: MailName): string {
  return `${prefix}.mail.${channel}.${device}.${id}.*`;
}

export function subjectOf(prefix: string, channel: ChannelId, mail: Mail): string {
  const { device, id, sealed } = mail;
  return `${prefix}.mail.${channel}.${device}.${id}.${sealed.length}`;
}

/** null: not one of ours. */
export function readSubject(subject: string): (MailName & { readonly bytes: number }) | null {
  const [device, id, bytes] = subject.split('.').slice(-3);
  const parsed = { device: deviceIdSchema.safeParse(device), id: mailIdSchema.safeParse(id) };
  if (!parsed.device.success || !parsed.id.success || !/^\d{1,9}$/.test(bytes ?? '')) return null;
  return { device: parsed.device.data, id: parsed.id.data, bytes: Number(bytes) };
}

export function mailBytes({ epoch, atMs, sealed }: Mail): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + sealed.length);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt32BE(epoch, 1);
  bytes.writeDoubleBE(atMs, 5);
  bytes.set(sealed, HEAD_BYTES);
  return bytes;
}

/** null: of another version, or broken. */
export function readMail(subject: string, payload: Uint8Array): Mail | null {
  const name = readSubject(subject);
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (name === null || bytes.length < HEAD_BYTES || bytes.readUInt8(0) !== VERSION) return null;
  const atMs = bytes.readDoubleBE(5);
  // What a Date cannot be made of nobody could be told.
  if (!(atMs >= 0 && atMs <= 8.64e15)) return null;
  const sealed = bytes.subarray(HEAD_BYTES);
  const { device, id } = name;
  return { device, id, epoch: bytes.readUInt32BE(1), atMs, sealed };
}

export function nameOf({ device, id }: MailName): `${DeviceId} ${string}` {
  return `${device} ${id}`;
}
