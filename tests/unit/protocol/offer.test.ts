import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../../src/base/base64url.ts';
import { decodeOffer, encodeOffer, OfferError, offerUrl } from '../../../src/protocol/offer.ts';
import type { Offer } from '../../../src/protocol/pairing.ts';
import { rendezvousIdSchema } from '../../../src/protocol/relay.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const offers: fc.Arbitrary<Offer> = fc.record({
  relay: fc.oneof(
    fc.webAuthority({ withUserInfo: false, withPort: true }).map((host) => `https://${host}`),
    fc.ipV4().map((address) => `https://${address}:8443/relay`),
    fc.constantFrom('http://127.0.0.1:7420', 'http://192.168.1.7:7420', 'https://a.example/x/y'),
  ),
  rendezvous: bytes(16).map((id) => rendezvousIdSchema.parse(toBase64url(id))),
  hostKey: bytes(32),
  secret: bytes(32),
  expiresAt: fc.nat({ max: 0xffff_ffff }),
});
const sample: Offer = {
  relay: 'https://relay.example',
  rendezvous: rendezvousIdSchema.parse('AAcOFRwjKjE4P0ZNVFtiaQ'),
  hostKey: new Uint8Array(32).fill(1),
  secret: new Uint8Array(32).fill(2),
  expiresAt: 1_795_000_000,
};

/** What a person reads when `text` is scanned; null when it is taken. */
function refusal(text: string): string | null {
  try {
    decodeOffer(text);
    return null;
  } catch (error) {
    if (error instanceof OfferError) return error.message;
    throw error;
  }
}

function withRelay(relay: string): string {
  const head = fromBase64url(encodeOffer(sample))?.subarray(0, 85) ?? new Uint8Array();
  return toBase64url(Buffer.concat([head, Buffer.from(relay)]));
}

test('what is encoded comes back whole, bare and as a link', () => {
  fc.assert(
    fc.property(offers, (offer) => {
      const relay = new URL(offer.relay).href.replace(/\/+$/, '');
      expect(decodeOffer(encodeOffer(offer))).toEqual({ ...offer, relay });
      expect(decodeOffer(` ${offerUrl('https://app.example/phone/', offer)}\n`)).toEqual({
        ...offer,
        relay,
      });
    }),
  );
});

test('the frozen text of an offer: another version has to read it', () => {
  expect(offerUrl('https://app.example', sample)).toBe(
    `https://app.example/#p=AQAHDhUcIyoxOD9GTVRbYmkBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICav2GwGh0dHBzOi8vcmVsYXkuZXhhbXBsZQ`,
  );
});

test('any other text is refused with a sentence, and nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.webUrl()), (text) => {
      expect(refusal(text)).toMatch(/^[A-Z“].*\.$/s);
    }),
  );
});

test('a code that lost its end is damaged, or says another relay at most', () => {
  const text = encodeOffer(sample);
  for (let length = 0; length <= 113; length += 1)
    expect(refusal(text.slice(0, length)), String(length)).not.toBeNull();
});

describe('a refusal says what to do', () => {
  test.each([
    ['a code of a later version', toBase64url(new Uint8Array(120).fill(2)), 'Update this app'],
    ['a link to somewhere', 'https://example.org/', 'no code for pairing'],
    ['a Wi-Fi code', 'WIFI:T:WPA;S:porch;P:light;;', 'no code for pairing'],
    ['zeros', 'AAAAAAAAAAAAAAAA', 'no code for pairing'],
    ['nothing', '', 'no code for pairing'],
    ['a link whose end is mangled', 'https://app.example/#p=AQ%20', 'damaged or cut off'],
    ['a relay by http on the internet', withRelay('http://relay.example'), 'by https'],
    ['a relay by http at a public address', withRelay('http://8.8.8.8'), 'by https'],
    ['a relay by http at a public IPv6', withRelay('http://[2001:db8::1]'), 'by https'],
    ['a relay of no web address', withRelay('javascript:alert(1)'), 'https address'],
    ['a relay with a password', withRelay('https://a:b@relay.example'), 'no user, password'],
    ['a relay with a query', withRelay('https://relay.example?x'), 'query'],
    ['a relay that is none', withRelay('relay'), 'no address of a relay'],
    ['a relay with a line break', withRelay('https://relay\n.example'), 'damaged'],
    ['a relay of great length', withRelay(`https://relay.example/${'x'.repeat(300)}`), 'damaged'],
  ])('%s', (_, text, words) => {
    expect(refusal(text)).toContain(words);
  });
});

test.each([
  'http://localhost:7420',
  'http://127.0.0.1:7420',
  'http://[::1]:7420',
  'http://10.1.2.3',
  'http://172.16.0.1',
  'http://192.168.0.9:7420',
  'http://100.100.3.4',
  'http://[fd00::1]',
  'http://porch.local:7420',
])('plain http is taken within reach: %s', (relay) => {
  expect(decodeOffer(withRelay(relay)).relay).toBe(relay);
});

test('an offer that is none cannot be encoded', () => {
  expect(() => encodeOffer({ ...sample, secret: new Uint8Array(31) })).toThrow('32 of secret');
  expect(() => encodeOffer({ ...sample, relay: 'http://relay.example' })).toThrow('by https');
});
