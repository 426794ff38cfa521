import { fromBase64url, toBase64url } from '../base/base64url.ts';
import { OFFER_VERSION, type Offer } from './pairing.ts';
import { rendezvousIdSchema } from './relay.ts';
import { isWithinReach } from './within-reach.ts';

/** version (1) ‖ rendezvous (16) ‖ host key (32) ‖ secret (32) ‖ expiry (u32) ‖ relay URL (UTF-8). */
const RENDEZVOUS_AT = 1;
const HOST_KEY_AT = 17;
const SECRET_AT = 49;
const EXPIRY_AT = 81;
const RELAY_AT = 85;
const MAX_RELAY_CHARS = 300;
const MARK = '#p=';

/** What was scanned or typed is no offer that this version can use; the message is for the person. */
export class OfferError extends Error {
  override name = 'OfferError';
}

/** The text of a pairing code. It holds the secret: to be shown, never logged. */
export function encodeOffer(offer: Offer): string {
  const rendezvous = fromBase64url(offer.rendezvous);
  const relay = new TextEncoder().encode(relayAddress(offer.relay));
  if (rendezvous?.length !== 16 || offer.hostKey.length !== 32 || offer.secret.length !== 32)
    throw new TypeError('An offer has 16 bytes of rendezvous, 32 of host key and 32 of secret');
  const bytes = new Uint8Array(RELAY_AT + relay.length);
  bytes[0] = OFFER_VERSION;
  bytes.set(rendezvous, RENDEZVOUS_AT);
  bytes.set(offer.hostKey, HOST_KEY_AT);
  bytes.set(offer.secret, SECRET_AT);
  new DataView(bytes.buffer).setUint32(EXPIRY_AT, offer.expiresAt);
  bytes.set(relay, RELAY_AT);
  const text = toBase64url(bytes);
  bytes.fill(0);
  return text;
}

/**
 * The offer in `text`: what {@link encodeOffer} gave, or a whole link that ends with it. Whether it
 * has expired is the host's to say. Throws {@link OfferError}.
 */
export function decodeOffer(text: string): Offer {
  const trimmed = text.trim();
  const mark = trimmed.indexOf(MARK);
  if (mark < 0 && /[^\w-]/.test(trimmed)) throw notOurs();
  const bytes = fromBase64url(mark < 0 ? trimmed : trimmed.slice(mark + MARK.length));
  if (bytes === null) throw damaged();
  const [version] = bytes;
  if (version === undefined || version === 0) throw notOurs();
  if (version !== OFFER_VERSION)
    throw new OfferError(
      'This code was made by another version of Porchlight. Update this app and Porchlight on the computer, then ask for a new code.',
    );
  if (bytes.length <= RELAY_AT) throw damaged();
  return {
    relay: relayOf(bytes.subarray(RELAY_AT)),
    rendezvous: rendezvousIdSchema.parse(toBase64url(bytes.subarray(RENDEZVOUS_AT, HOST_KEY_AT))),
    hostKey: bytes.slice(HOST_KEY_AT, SECRET_AT),
    secret: bytes.slice(SECRET_AT, EXPIRY_AT),
    expiresAt: new DataView(bytes.buffer).getUint32(EXPIRY_AT),
  };
}

/** The link of the QR code. The offer is in the fragment, which no server sees. */
export function offerUrl(page: string, offer: Offer): string {
  const url = new URL(page);
  url.hash = '';
  return `${url.href}${MARK}${encodeOffer(offer)}`;
}

/**
 * An address that a relay may have, without a trailing slash. Throws {@link OfferError} for plain
 * http beyond the local network, and for what carries a name, a password, a query or a fragment.
 */
export function relayAddress(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OfferError(`“${text.slice(0, 80)}” is no address of a relay: https://….`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new OfferError(`A relay has an https address, and this is ${url.protocol}//.`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new OfferError('The address of a relay has no user, password, query or fragment.');
  if (url.protocol === 'http:' && !isWithinReach(url.hostname))
    throw new OfferError(
      `The relay at ${url.host} must be reached by https: http is for this machine and the local network only.`,
    );
  if (url.href.length > MAX_RELAY_CHARS)
    throw new OfferError(`The address of the relay is longer than ${MAX_RELAY_CHARS} characters.`);
  return url.href.replace(/\/+$/, '');
}

function relayOf(bytes: Uint8Array): string {
  // Written by our own encoder it is ASCII: a URL's host is in Punycode, its path escaped.
  const text = String.fromCharCode(...bytes.subarray(0, MAX_RELAY_CHARS + 1));
  if (bytes.length > MAX_RELAY_CHARS || /[^\x21-\x7e]/.test(text)) throw damaged();
  return relayAddress(text);
}

function damaged(): OfferError {
  return new OfferError('This code is damaged or cut off. Ask the computer for a new one.');
}

function notOurs(): OfferError {
  return new OfferError(
    'This is no code for pairing with Porchlight. On the computer choose “Pair a phone”, and scan what it shows.',
  );
}
