import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import {
  CHANNEL_TAG,
  channelIdSchema,
  HOST_PROOF_TAG,
  grantText,
  proofText,
  type ChannelId,
  type DeviceId,
  type Grant,
} from '../../protocol/relay.ts';
import { readPrivate, writePrivate } from './private-file.ts';

const secretSchema = z.string().regex(/^[\w-]{43}$/);
const keysSchema = z.object({
  version: z.literal(1),
  /** X25519, 32 bytes: what devices pin. */
  sealing: secretSchema,
  /** Ed25519, 32 bytes: whose hash is the channel at a relay. */
  relay: secretSchema,
});

const CHANNEL_BYTES = 16;
/** RFC 8410 §7, a private key of 32 bytes in PKCS #8. */
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The keys that make this host this host, in `<home>/keys.json`, made at first need. Whoever has
 * them can be this host towards its devices.
 */
export class HostKeys {
  /** X25519, 32 bytes. */
  readonly sealingSecret: Uint8Array;
  /** Ed25519, base64url. */
  readonly relayKey: string;
  readonly channel: ChannelId;
  readonly #relay: KeyObject;

  private constructor(sealing: Uint8Array, relay: KeyObject) {
    this.sealingSecret = sealing;
    this.#relay = relay;
    const raw = rawPublic(relay);
    this.relayKey = raw.toString('base64url');
    this.channel = channelOf(raw);
  }

  /**
   * Throws in words when the file cannot be trusted, read or written; and when there is none while
   * devices are paired (`isPaired`), since they would knock in vain at a host with new keys.
   */
  static open(path: string, isPaired = false): HostKeys {
    const text = readPrivate(path);
    if (text === null && isPaired)
      throw new Error(
        `${path} is gone, and the paired devices know this host by it: put it back, or start anew with "porchlight devices revoke --all".`,
      );
    const keys = text === null ? make(path) : parse(path, text);
    const der = Buffer.concat([ED25519_PKCS8_PREFIX, Buffer.from(keys.relay, 'base64url')]);
    const relay = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return new HostKeys(new Uint8Array(Buffer.from(keys.sealing, 'base64url')), relay);
  }

  /** What admits this host at a relay that it dialled as `authority`. */
  prove(nonce: string, authority: string): string {
    return this.#sign(proofText(HOST_PROOF_TAG, nonce, authority, this.channel));
  }

  grant(device: DeviceId, deviceKey: string, epoch: number): Grant {
    const granted = { device, deviceKey, epoch };
    return { hostKey: this.relayKey, ...granted, signature: this.#sign(grantText(granted)) };
  }

  #sign(text: string): string {
    return sign(null, Buffer.from(text, 'ascii'), this.#relay).toString('base64url');
  }
}

function make(path: string): z.infer<typeof keysSchema> {
  const keys = {
    version: 1 as const,
    sealing: newSecret('x25519'),
    relay: newSecret('ed25519'),
  };
  writePrivate(path, JSON.stringify(keys));
  return keys;
}

function parse(path: string, text: string): z.infer<typeof keysSchema> {
  try {
    return keysSchema.parse(JSON.parse(text));
  } catch {
    // Its content must not get into an error or the log.
    throw new Error(
      `${path} is damaged: put it back from where you keep it, or move it away and pair your devices anew.`,
    );
  }
}

function newSecret(kind: 'x25519' | 'ed25519'): string {
  const { privateKey } =
    kind === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
  const { d } = privateKey.export({ format: 'jwk' });
  if (d === undefined) throw new TypeError(`A new ${kind} key has no secret`);
  return d;
}

function rawPublic(key: KeyObject): Buffer {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('That is no Ed25519 key');
  return Buffer.from(x, 'base64url');
}

function channelOf(relayKey: Uint8Array): ChannelId {
  const digest = createHash('sha256').update(CHANNEL_TAG, 'ascii').update(relayKey).digest();
  return channelIdSchema.parse(digest.subarray(0, CHANNEL_BYTES).toString('base64url'));
}
