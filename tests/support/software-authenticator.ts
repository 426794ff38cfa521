import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>;

/** RFC 8949, as much of it as WebAuthn needs. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const members = [...value].flatMap(([name, member]) => [cbor(name), cbor(member)]);
  return Buffer.concat([head(5, value.size), ...members]);
}

function head(major: number, n: number): Buffer {
  if (n < 24) return Buffer.of((major << 5) | n);
  if (n < 256) return Buffer.of((major << 5) | 24, n);
  return Buffer.of((major << 5) | 25, n >> 8, n & 255);
}

const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const USER_PRESENT = 1;
const USER_VERIFIED = 4;
const HAS_CREDENTIAL = 64;

export interface AuthenticatorQuirks {
  readonly origin?: string;
  readonly rpId?: string;
  readonly verified?: boolean;
  readonly type?: string;
}

/** An authenticator and the browser before it (WebAuthn L3 §6), with the faults that a test asks for. */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32).toString('base64url');
  counter: number;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(counter = 1) {
    this.counter = counter;
  }

  register(
    options: Record<string, unknown>,
    origin: string,
    attestation: Map<string, Cbor> = new Map(),
  ): Record<string, unknown> {
    const { challenge, rp } = options as { challenge: string; rp: { id: string } };
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const key = new Map<number, Cbor>([
      ...([
        [1, 2],
        [3, -7],
        [-1, 1],
      ] as const),
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const id = Buffer.from(this.id, 'base64url');
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, cbor(key)]);
    const flags = USER_PRESENT | USER_VERIFIED | HAS_CREDENTIAL;
    const authData = Buffer.concat([this.#data(rp.id, flags), credential]);
    const fmt = attestation.size === 0 ? 'none' : 'packed';
    const object = cbor(
      new Map<string, Cbor>([
        ['fmt', fmt],
        ['attStmt', attestation],
        ['authData', authData],
      ]),
    );
    return this.#answer({
      clientDataJSON: clientData('webauthn.create', challenge, origin),
      attestationObject: object.toString('base64url'),
    });
  }

  assert(
    options: Record<string, unknown>,
    challenge: string,
    origin: string,
    quirks: AuthenticatorQuirks = {},
  ): Record<string, unknown> {
    const { rpId } = options as { rpId: string };
    if (this.counter > 0) this.counter += 1;
    const flags = USER_PRESENT | (quirks.verified === false ? 0 : USER_VERIFIED);
    const authenticatorData = this.#data(quirks.rpId ?? rpId, flags);
    const clientDataJSON = clientData(
      quirks.type ?? 'webauthn.get',
      challenge,
      quirks.origin ?? origin,
    );
    const signed = Buffer.concat([
      authenticatorData,
      sha256(Buffer.from(clientDataJSON, 'base64url')),
    ]);
    return this.#answer({
      clientDataJSON,
      authenticatorData: authenticatorData.toString('base64url'),
      signature: sign('sha256', signed, this.#keys.privateKey).toString('base64url'),
    });
  }

  #data(rpId: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(rpId), Buffer.of(flags), counter]);
  }

  #answer(response: object): Record<string, unknown> {
    const { id } = this;
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }
}

function clientData(type: string, challenge: string, origin: string): string {
  const json = JSON.stringify({ type, challenge, origin, crossOrigin: false });
  return Buffer.from(json).toString('base64url');
}
