import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { DeviceBook } from '../../../../src/host/devices/device-book.ts';
import { challengeOf, Passkeys } from '../../../../src/host/devices/passkeys.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { DeviceId } from '../../../../src/protocol/relay.ts';
import { SoftwareAuthenticator } from '../../../support/software-authenticator.ts';

const origin = 'https://phone.example:8443';
const key = 'k'.repeat(43);
const decision = 'porchlight decision v1\0{"approval":"a_1"}';
const now = () => new Date('2026-01-01T00:00:00.000Z');

let folder: string;
let book: DeviceBook;
let passkeys: Passkeys;
let id: DeviceId;
let nowMs: number;
let bys: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-passkeys-'));
  nowMs = 0;
  bys = [];
  open();
  id = added('Pixel 9');
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): void {
  book = new DeviceBook({ path: join(folder, 'devices.json'), now });
  passkeys = new Passkeys({
    ...{ book, owner: 'ada', logger: silentLogger, now, steadyMs: () => nowMs },
    as: (by, change) => {
      bys.push(by);
      return change();
    },
  });
}

function added(name: string): DeviceId {
  return book.add({
    ...{ name, role: 'approver', via: 'relay', relay: 'own' },
    ...{ publicKey: key, signingKey: `B${'A'.repeat(86)}`, rootPsk: key },
  }).id;
}

async function registered(
  authenticator = new SoftwareAuthenticator(),
  device = id,
): Promise<SoftwareAuthenticator> {
  const options = await passkeys.options(device, origin);
  await passkeys.register(device, 'device:Pixel 9', authenticator.register(options, origin));
  return authenticator;
}

const refusal = async (act: () => Promise<unknown>): Promise<string> =>
  await act().then(
    () => 'done',
    (error: unknown) => (error instanceof RpcFailure ? error.message : `thrown: ${String(error)}`),
  );

test('a device registers its passkey, and proves with it, for one decision after the other', async () => {
  const authenticator = await registered();
  expect([book.find(id)?.passkey, bys]).toMatchObject([
    { credential: authenticator.id, origin, rpId: 'phone.example', counter: 1 },
    ['device:Pixel 9'],
  ]);
  open();
  const options = passkeys.request(id);
  expect(options).toEqual({
    rpId: 'phone.example',
    allowCredentials: [{ id: authenticator.id, type: 'public-key' }],
    userVerification: 'required',
    timeout: 120_000,
  });
  for (const text of [decision, `${decision} `]) {
    const proof = authenticator.assert(options, challengeOf(text), origin);
    expect(await passkeys.verify(id, text, proof)).toBe(true);
  }
  expect(book.find(id)?.passkey?.counter).toBe(3);
});

test('what a proof is not: of another decision, page, site, passkey or device, unverified, or sent again', async () => {
  const authenticator = await registered();
  const other = added('Other');
  const others = await registered(new SoftwareAuthenticator(), other);
  const options = passkeys.request(id);
  const challenge = challengeOf(decision);
  const good = authenticator.assert(options, challenge, origin);
  const tries: Record<string, Record<string, unknown>> = {
    'another decision': authenticator.assert(options, challengeOf('another'), origin),
    'another origin': authenticator.assert(options, challenge, 'https://phone.example'),
    'another site': authenticator.assert(options, challenge, origin, { rpId: 'evil.example' }),
    'no check of the person': authenticator.assert(options, challenge, origin, { verified: false }),
    'a registration': authenticator.assert(options, challenge, origin, { type: 'webauthn.create' }),
    'the passkey of another': others.assert(options, challenge, origin),
    'another under its name': {
      ...others.assert(options, challenge, origin),
      ...{ id: authenticator.id, rawId: authenticator.id },
    },
    nothing: {},
    'half of it': { ...good, response: {} },
    'no bytes': { ...good, response: { ...(good['response'] as object), signature: '!' } },
  };
  for (const [what, proof] of Object.entries(tries))
    expect([what, await passkeys.verify(id, decision, proof)]).toEqual([what, false]);
  expect(await passkeys.verify(other, decision, good)).toBe(false);
  expect(await passkeys.verify(id, decision, good)).toBe(true);
  expect(await passkeys.verify(id, decision, good)).toBe(false);
});

test('the same proof at once counts once, where the authenticator counts', async () => {
  const authenticator = await registered();
  const proof = authenticator.assert(passkeys.request(id), challengeOf(decision), origin);
  const results = await Promise.all([1, 2, 3].map(() => passkeys.verify(id, decision, proof)));
  expect(results.filter((good) => good)).toHaveLength(1);
});

test('one that does not count is taken as it is', async () => {
  const authenticator = await registered(new SoftwareAuthenticator(0));
  for (let i = 0; i < 2; i += 1) {
    const proof = authenticator.assert(passkeys.request(id), challengeOf(decision), origin);
    expect(await passkeys.verify(id, decision, proof)).toBe(true);
  }
});

test('a second passkey replaces none: the first is removed on the host', async () => {
  await registered();
  expect(await refusal(() => passkeys.options(id, origin))).toContain(
    "porchlight devices remove-passkey 'Pixel 9'",
  );
  book.setPasskey(id, null);
  const next = await registered();
  expect(book.find(id)?.passkey?.credential).toBe(next.id);
});

test('two pages of a device register at once: one of them wins', async () => {
  const first = await passkeys.options(id, origin);
  const second = await passkeys.options(id, origin);
  const authenticator = new SoftwareAuthenticator();
  const old = authenticator.register(first, origin);
  expect(await refusal(() => passkeys.register(id, 'd', old))).toContain('was not accepted');
  // Each challenge is good once.
  const fresh = authenticator.register(second, origin);
  expect(await refusal(() => passkeys.register(id, 'd', fresh))).toContain('took too long');
  expect(book.find(id)?.passkey).toBeUndefined();
});

test('a registration is refused from another page, too late, with certificates, or as garbage', async () => {
  const authenticator = new SoftwareAuthenticator();
  const tried = async (
    answer: (options: Record<string, unknown>) => Record<string, unknown>,
    waitMs = 0,
  ) => {
    const options = await passkeys.options(id, origin);
    nowMs += waitMs;
    return await refusal(() => passkeys.register(id, 'd', answer(options)));
  };
  const certificates = new Map([['x5c', Buffer.of(1)]]);
  expect([
    await tried((options) => authenticator.register(options, 'https://evil.example')),
    await tried((options) => authenticator.register(options, origin), 300_001),
    await tried((options) => authenticator.register(options, origin, certificates)),
    await tried(() => ({ hello: 1 })),
  ]).toEqual([
    expect.stringContaining('was not accepted: Unexpected registration response origin'),
    expect.stringContaining('took too long'),
    expect.stringContaining('certificates, which were not asked for'),
    expect.stringContaining('it is not what a browser gives'),
  ]);
  expect(book.find(id)?.passkey).toBeUndefined();
});

test.each([
  ['http://192.168.1.7:8080', 'no passkeys for addresses such as 192.168.1.7'],
  ['https://127.0.0.1', 'no passkeys for addresses'],
  ['https://[::1]:8443', 'no passkeys for addresses'],
  ['http://phone.example', 'only on pages over https'],
  ['https://phone.example/page', 'is not an origin'],
  ['https://localhost', 'done'],
  ['http://localhost:8080', 'done'],
])('a page of %s: %s', async (page, words) => {
  expect(await refusal(() => passkeys.options(id, page))).toContain(words);
});
