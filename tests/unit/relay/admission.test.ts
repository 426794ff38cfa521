import { describe, expect, test } from 'vitest';
import {
  admissionSchema,
  DEVICE_PROOF_TAG,
  GRANT_TAG,
  HOST_PROOF_TAG,
} from '../../../src/protocol/relay.ts';
import { prove } from '../../../src/relay/admission.ts';
import { DeviceKey, HostKey, id } from '../../support/relay-clients.ts';

const NAME = 'relay.example.org:7410';
const host = new HostKey();
const other = new HostKey();
const phone = new DeviceKey();
const stranger = new DeviceKey();
const nonce = id(32);

/** As the relay would judge it, after the wire's own check. */
function judged(said: object, asked = nonce): object {
  const admission = admissionSchema.parse(said);
  return prove(admission, { nonce: asked, isOurName: (name) => name === NAME });
}

const asHost = host.admission(nonce, NAME, { revoked: [phone.id], epoch: 3 });
const grant = host.grant(phone, 7);
const asDevice = phone.admission(nonce, NAME, host.channel, grant);

/** One bit of base64url, somewhere in the middle. */
function flipped(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes.toString('base64url');
}

test('a host proves its channel, and hands its revocations over', () => {
  expect(judged(asHost)).toEqual({
    role: 'host',
    channel: host.channel,
    revoked: [phone.id],
    epoch: 3,
    dialledMs: null,
  });
});

test('a device proves its channel and its id, by its own key and by the word of its host', () => {
  expect(judged(asDevice)).toEqual({
    role: 'device',
    channel: host.channel,
    device: phone.id,
    epoch: 7,
  });
});

test('a guest proves nothing but that it knows the rendezvous', () => {
  const rendezvous = id();
  expect(judged({ type: 'guest', rendezvous })).toEqual({ role: 'guest', rendezvous });
});

const proofOf = (key: { sign(text: string): string }, tag: string, who: string) =>
  key.sign(`${tag}${nonce} ${NAME} ${who}`);
const who = `${host.channel}.${phone.id}`;

describe('a wrong proof is refused with one and the same answer:', () => {
  const wrong: Record<string, object> = {
    'host: a bit of the signature': { ...asHost, signature: flipped(asHost.signature) },
    "host: another host's key": { ...asHost, key: other.public },
    'host: no key at all': { ...asHost, key: Buffer.alloc(32, 0xff).toString('base64url') },
    "host: another host's proof": { ...asHost, signature: other.admission(nonce, NAME).signature },
    'host: a grant in place of a proof': { ...asHost, signature: grant.signature },
    "host: signed with a device's tag": {
      ...asHost,
      signature: proofOf(host, DEVICE_PROOF_TAG, host.channel),
    },
    'device: a bit of the signature': { ...asDevice, signature: flipped(asDevice.signature) },
    'device: a bit of the grant': {
      ...asDevice,
      grant: { ...grant, signature: flipped(grant.signature) },
    },
    'device: a later epoch than was granted': { ...asDevice, grant: { ...grant, epoch: 8 } },
    'device: a grant of another host': phone.admission(nonce, NAME, host.channel, {
      ...grant,
      hostKey: other.public,
    } as typeof grant),
    "device: a stranger with the device's grant": {
      ...asDevice,
      signature: proofOf(stranger, DEVICE_PROOF_TAG, who),
    },
    'device: a stranger who put its own key in': {
      ...asDevice,
      grant: { ...grant, deviceKey: stranger.public },
      signature: proofOf(stranger, DEVICE_PROOF_TAG, who),
    },
    'device: a stranger who signed its own grant': {
      ...asDevice,
      grant: {
        ...grant,
        deviceKey: stranger.public,
        signature: other.sign(`${GRANT_TAG}${phone.id} ${stranger.public} 7`),
      },
      signature: proofOf(stranger, DEVICE_PROOF_TAG, who),
    },
    "device: signed with a host's tag": {
      ...asDevice,
      signature: proofOf(phone, HOST_PROOF_TAG, who),
    },
    'device: signed for another device': {
      ...asDevice,
      signature: proofOf(phone, DEVICE_PROOF_TAG, `${host.channel}.${stranger.id}`),
    },
    'device: a point that is not on the curve': {
      ...asDevice,
      grant: { ...grant, deviceKey: flipped(grant.deviceKey) },
    },
    'device: a compressed point': {
      ...asDevice,
      grant: {
        ...grant,
        deviceKey: Buffer.concat([
          Buffer.from([2]),
          Buffer.from(grant.deviceKey, 'base64url').subarray(1),
        ]).toString('base64url'),
      },
    },
    'device: all zeros': {
      ...asDevice,
      signature: Buffer.alloc(64).toString('base64url'),
    },
  };
  test.each(Object.entries(wrong))('%s', (_what, said) => {
    expect(judged(said)).toEqual({
      role: 'refused',
      code: 'badProof',
      message: 'A signature is wrong.',
    });
  });

  test.each(['host', 'device'])('a proof of this %s for an earlier nonce', (role) => {
    expect(judged(role === 'host' ? asHost : asDevice, id(32))).toMatchObject({
      code: 'badProof',
      message: 'A signature is wrong.',
    });
  });
});

test.each([
  ['host', host.admission(nonce, 'elsewhere.example:443')],
  ['device', phone.admission(nonce, 'elsewhere.example:443', host.channel, grant)],
])('a %s that dialled another relay is refused, though all is well signed', (_role, said) => {
  expect(judged(said)).toEqual({
    role: 'refused',
    code: 'badProof',
    message:
      'This relay is not known as elsewhere.example:443. If it is yours, start it with: --name elsewhere.example:443',
  });
});

test('a name that is told back is short and plain', () => {
  const said = host.admission(nonce, `<script>"'\n${'x'.repeat(250)}`);
  const { message } = judged(said) as { message: string };
  expect(message).toMatch(/^This relay is not known as [?\w]{100}\. /);
});
