import { expect, it } from 'vitest';
import { v7 } from 'uuid';
import {
  MAIL_SIZES,
  MailMalformed,
  openMail,
  sealMail,
  type MailCommand,
  type MailName,
} from '../../../../src/connection/sealed/mail.ts';
import { utf8 } from '../../../../src/crypto/bytes.ts';
import { sealOneWay } from '../../../../src/crypto/noise/one-way.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import { commandIdSchema } from '../../../../src/protocol/ids.ts';
import {
  channelIdSchema,
  deviceIdSchema,
  mailIdSchema,
  MAX_MAIL_BYTES,
} from '../../../../src/protocol/relay.ts';
import { bytesOf, deviceKeys, hostKeys, primitives } from './ends.ts';

const id = (byte: number): string => Buffer.alloc(16, byte).toString('base64url');
const name: MailName = {
  channel: channelIdSchema.parse(id(1)),
  device: deviceIdSchema.parse(id(2)),
  id: mailIdSchema.parse(id(3)),
  epoch: 4,
};
const psk = bytesOf('psk');
const atPhone = { own: deviceKeys, remote: hostKeys.publicKey, psk, primitives };
const atHost = { own: hostKeys, remote: deviceKeys.publicKey, psk, primitives };

const command = (text: string): MailCommand => {
  const commandId = commandIdSchema.parse(v7());
  const params = { commandId, sessionId: 's_000000000001', prompt: [{ type: 'text', text }] };
  return { commandId, method: 'session.send', params, madeAtMs: 1_000, sealedAtMs: 2_000 };
};

const sealed = async (text: string): Promise<Uint8Array> => {
  const mail = await sealMail(command(text), name, atPhone);
  if (mail === null) throw new Error('too long');
  return mail;
};

it('arrives as it was sealed', async () => {
  const sent = command('grüße 🌙');
  const mail = await sealMail(sent, name, atPhone);
  expect(await openMail(mail ?? new Uint8Array(), name, atHost)).toEqual(sent);
});

it('has one of three lengths, and tells no more of what is in it', async () => {
  const lengths = new Set<number>();
  for (const length of [0, 1, 1_500, 2_000, 7_000, 9_000, 31_000])
    lengths.add((await sealed('x'.repeat(length))).length);
  expect([...lengths]).toEqual(MAIL_SIZES);
});

it('is not made of what is longer than a relay takes', async () => {
  expect(await sealMail(command('x'.repeat(MAX_MAIL_BYTES)), name, atPhone)).toBeNull();
});

it.each([
  ['channel', { ...name, channel: channelIdSchema.parse(id(9)) }],
  ['device', { ...name, device: deviceIdSchema.parse(id(9)) }],
  ['number', { ...name, id: mailIdSchema.parse(id(9)) }],
  ['epoch', { ...name, epoch: 5 }],
])('does not open under another %s', async (_, other) => {
  await expect(openMail(await sealed('hello'), other, atHost)).rejects.toThrow('does not open');
});

it('is no message of a connection, and the other way round', async () => {
  const other = { ...atPhone, prologue: prologueOf('session', name.channel, name.device) };
  const message = await sealOneWay(new Uint8Array(100), other);
  await expect(openMail(message, name, atHost)).rejects.toThrow('does not open');
});

it.each([
  ['nothing', new Uint8Array()],
  ['three bytes', new Uint8Array(3)],
  ['a length beyond its end', Uint8Array.of(0, 0, 0, 9, 123, 125)],
  ['no JSON', Uint8Array.of(0, 0, 0, 1, 123)],
  ['no UTF-8', Uint8Array.of(0, 0, 0, 1, 0xff)],
  ['no command', withLength('{}')],
  ['two ids', withLength(JSON.stringify({ ...command('x'), commandId: v7() }))],
])('is malformed with %s in it, though its device sealed it', async (_, payload) => {
  const { channel, device, id: mail, epoch } = name;
  const prologue = prologueOf('mail', channel, device, mail, String(epoch));
  const message = await sealOneWay(payload, { ...atPhone, prologue });
  await expect(openMail(message, name, atHost)).rejects.toThrow(MailMalformed);
});

function withLength(text: string): Uint8Array {
  const bytes = utf8(text);
  return Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 255, ...bytes);
}
