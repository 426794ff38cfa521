import { createHash, createPublicKey, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostKeys } from '../../../../src/host/devices/host-keys.ts';
import {
  CHANNEL_TAG,
  deviceIdSchema,
  grantSchema,
  grantText,
  HOST_PROOF_TAG,
  proofText,
} from '../../../../src/protocol/relay.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  path = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function signedBy(key: string, text: string, signature: string): boolean {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
  return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));
}

test('keys are made once, for this user alone, and are the same ever after', () => {
  const made = HostKeys.open(path);
  const again = HostKeys.open(path);
  expect({ mode: statSync(path).mode & 0o777, ...publicPart(again) }).toEqual({
    mode: 0o600,
    ...publicPart(made),
  });
  expect(again.sealingSecret).toEqual(made.sealingSecret);
  expect(again.sealingSecret).toHaveLength(32);
});

test('two homes have nothing in common', () => {
  const one = HostKeys.open(path);
  const other = HostKeys.open(join(folder, 'other.json'));
  expect(one.channel).not.toBe(other.channel);
  expect(one.sealingSecret).not.toEqual(other.sealingSecret);
});

test('the channel is the head of the hash over the tag and the relay key', () => {
  const keys = HostKeys.open(path);
  const hash = createHash('sha256')
    .update(CHANNEL_TAG)
    .update(Buffer.from(keys.relayKey, 'base64url'))
    .digest();
  expect(keys.channel).toBe(hash.subarray(0, 16).toString('base64url'));
});

test('a proof and a grant are signed by the relay key over their own texts', () => {
  const keys = HostKeys.open(path);
  const device = deviceIdSchema.parse(Buffer.alloc(16, 7).toString('base64url'));
  const deviceKey = Buffer.alloc(65, 4).toString('base64url');
  const grant = grantSchema.parse(keys.grant(device, deviceKey, 3));
  const proof = keys.prove('nonce', 'relay.example');
  const proved = proofText(HOST_PROOF_TAG, 'nonce', 'relay.example', keys.channel);
  expect([
    signedBy(keys.relayKey, grantText({ device, deviceKey, epoch: 3 }), grant.signature),
    signedBy(keys.relayKey, grantText({ device, deviceKey, epoch: 4 }), grant.signature),
    signedBy(keys.relayKey, proved, proof),
  ]).toEqual([true, false, true]);
});

test('keys that others can read are refused, with the way out', () => {
  HostKeys.open(path);
  chmodSync(path, 0o640);
  expect(() => HostKeys.open(path)).toThrow(`chmod 600 '${path}'`);
});

test('a damaged file is refused without a word of what is in it', () => {
  HostKeys.open(path);
  const { sealing } = JSON.parse(readFileSync(path, 'utf8')) as { sealing: string };
  writeFileSync(path, `{"version":1,"sealing":"${sealing}","relay":`);
  let said = '';
  try {
    HostKeys.open(path);
  } catch (error) {
    said = error instanceof Error ? `${error.message} ${String(error.cause)}` : '';
  }
  expect(said).toContain('is damaged');
  expect(said).not.toContain(sealing);
});

function publicPart({ channel, relayKey }: HostKeys) {
  return { channel, relayKey };
}
