import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { WebSocket } from 'ws';
import { fromBase64url, toBase64url } from '../../src/base/base64url.ts';
import type { DeviceKeys, RelayNetwork } from '../../src/connection/device/ports.ts';
import { webSockets } from '../../src/connection/device/web-sockets.ts';
import type { Paired } from '../../src/connection/device/pair-as-guest.ts';
import { nodePrimitives } from '../../src/local/node-primitives.ts';

/** What pairing gave it. */
export type HostOfDevice = Omit<Paired, 'hostId' | 'hostName' | 'device'>;

export const primitives = await nodePrimitives();

/** What Node has in place of a page's network; `fetch` only where the fallback is meant. */
export function nodeNetwork({ fallback = false } = {}): RelayNetwork {
  return {
    socket: webSockets(
      (url, protocol) => new WebSocket(url, protocol, { perMessageDeflate: false }),
    ),
    ...(fallback && { fetch }),
  };
}

/** A device and one host of it, as text that may be written down. */
export interface StoredIdentity {
  readonly relay: string;
  readonly grant: DeviceKeys['grant'];
  readonly hostKey: string;
  readonly rootPsk: string;
  readonly secret: string;
  readonly signing: string;
}

/** The keys that a device makes of its own, before it knows any host. */
export class DeviceIdentity {
  /** 65 bytes, uncompressed point. */
  readonly signingKey: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #signing: KeyObject;
  #counter = 0;

  constructor(
    signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    secret = primitives.randomBytes(32),
  ) {
    this.#signing = signing;
    const { x = '', y = '' } = createPublicKey(this.#signing).export({ format: 'jwk' });
    const point = [Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
    this.signingKey = new Uint8Array(Buffer.concat(point));
    this.#secret = secret;
  }

  /** The keys of what {@link stored} gave, in another process. */
  static restore({ relay, grant, hostKey, rootPsk, secret, signing }: StoredIdentity): DeviceKeys {
    const identity = new DeviceIdentity(createPrivateKey(signing), bytesOf(secret));
    return identity.keysOf({
      ...{ relay, grant, hostKey: bytesOf(hostKey), rootPsk: bytesOf(rootPsk) },
    });
  }

  stored({ relay, grant, hostKey, rootPsk }: HostOfDevice): StoredIdentity {
    return {
      ...{ relay, grant, hostKey: toBase64url(hostKey), rootPsk: toBase64url(rootPsk) },
      secret: toBase64url(this.#secret),
      signing: String(this.#signing.export({ format: 'pem', type: 'pkcs8' })),
    };
  }

  /** A new pair object each time, as after a restart of the page. */
  sealing() {
    return primitives.keyPairOf(this.#secret);
  }

  keysOf({ relay, grant, hostKey, rootPsk }: HostOfDevice): DeviceKeys {
    return {
      relay,
      grant,
      hostKey,
      sealing: this.sealing(),
      rootPsk: () => Promise.resolve(rootPsk),
      sign: (text) =>
        Promise.resolve(
          new Uint8Array(
            sign('sha256', Buffer.from(text), { key: this.#signing, dsaEncoding: 'ieee-p1363' }),
          ),
        ),
      nextCounter: () => Promise.resolve((this.#counter += 1)),
    };
  }
}

const bytesOf = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array();
