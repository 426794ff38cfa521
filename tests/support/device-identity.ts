import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { WebSocket } from 'ws';
import type { DeviceKeys, RelayNetwork } from '../../src/connection/device/ports.ts';
import { webSockets } from '../../src/connection/device/web-sockets.ts';
import type { Paired } from '../../src/connection/device/pair-as-guest.ts';
import { nodePrimitives } from '../../src/local/node-primitives.ts';

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

/** The keys that a device makes of its own, before it knows any host. */
export class DeviceIdentity {
  /** 65 bytes, uncompressed point. */
  readonly signingKey: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #signing: KeyObject;
  #counter = 0;

  constructor() {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#signing = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const { x = '', y = '' } = createPublicKey(this.#signing).export({ format: 'jwk' });
    const point = [Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
    this.signingKey = new Uint8Array(Buffer.concat(point));
    this.#secret = primitives.randomBytes(32);
  }

  /** A new pair object each time, as after a restart of the page. */
  sealing() {
    return primitives.keyPairOf(this.#secret);
  }

  keysOf({
    relay,
    grant,
    hostKey,
    rootPsk,
  }: Omit<Paired, 'hostId' | 'hostName' | 'device'>): DeviceKeys {
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
