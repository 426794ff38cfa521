import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mailCommandSchema, openMail, sealMail } from '../../src/connection/sealed/mail.ts';
import { noblePrimitives } from '../../src/crypto/noble-primitives.ts';
import { channelIdSchema, deviceIdSchema, mailIdSchema } from '../../src/protocol/relay.ts';
import { bytesOf, hex } from './sealed-ends.ts';
import recorded from './v1/mail.json' with { type: 'json' };

const FROZEN = 'f54cc7ddb91f2fc7f2146c27034639cb671969c10d1b9a02a164ebc1701bff63';

const own = (name: string) => noblePrimitives.keyPairOf(bytesOf(name));
const name = {
  channel: channelIdSchema.parse(recorded.name.channel),
  device: deviceIdSchema.parse(recorded.name.device),
  id: mailIdSchema.parse(recorded.name.id),
  epoch: recorded.name.epoch,
};
const psk = bytesOf('root psk');

test('what was recorded is not changed', () => {
  const text = readFileSync(join(import.meta.dirname, 'v1', 'mail.json'));
  expect(createHash('sha256').update(text).digest('hex')).toBe(FROZEN);
});

test('a host of today opens a mail of version 1', async () => {
  const keys = { own: own('host'), remote: own('device').publicKey, psk };
  const sealed = new Uint8Array(Buffer.from(recorded.sealed, 'hex'));
  expect(await openMail(sealed, name, { ...keys, primitives: noblePrimitives })).toEqual(
    recorded.command,
  );
});

test('a device of today seals the same', async () => {
  const primitives = { ...noblePrimitives, generateKeyPair: () => own('device ephemeral') };
  const keys = { own: own('device'), remote: own('host').publicKey, psk, primitives };
  const sealed = await sealMail(mailCommandSchema.parse(recorded.command), name, keys);
  expect(hex(sealed ?? new Uint8Array())).toBe(recorded.sealed);
});
