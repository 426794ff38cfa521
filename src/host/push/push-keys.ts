import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { PushPayload, PushSubscriptionJson } from '../../protocol/push.ts';
import { readPrivate, writePrivate } from '../devices/private-file.ts';

/** RFC 8292 §2.1 wants one; each host pushes for its own person, so there is nobody to write to. */
const SUBJECT = 'mailto:porchlight@example.com';

const fileSchema = z.object({
  version: z.literal(1),
  /** P-256, 65 bytes, uncompressed; base64url. What browsers subscribe with. */
  publicKey: z.string().regex(/^[\w-]{87}$/),
  /** 32 bytes, base64url. */
  privateKey: z.string().regex(/^[\w-]{43}$/),
});
type KeyFile = z.infer<typeof fileSchema>;

/** What goes over the wire to a push service; the body only the device can open. */
export interface SealedPush {
  /** The subscription's endpoint: a secret. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> & { readonly Authorization: string };
  readonly body: Buffer;
}

export interface PushManner {
  /** Seconds that the push service keeps it for a device that is off. */
  readonly ttlSec: number;
  readonly urgency: 'normal' | 'high';
  /** Of those with the same, a push service keeps only the newest for a device that is off. */
  readonly topic: string;
}

/** Seals for devices and signs as this host. */
export interface PushSealer {
  /** base64url. */
  readonly publicKey: string;
  /** RFC 8291 and RFC 8292; the token is good for twelve hours. Throws for a subscription that is none. */
  seal(to: PushSubscriptionJson, payload: PushPayload, manner: PushManner): SealedPush;
  /** A name for the header `Topic`, RFC 8030 §5.4, that says nothing about `text`. */
  topicOf(text: string): string;
}

/**
 * The VAPID keys, `<home>/push-key.json`, and the library that seals: made and loaded when the first
 * device asks to be told. A restored home keeps those of its machine, since browsers know them.
 */
export class PushKeys {
  readonly #path: string;
  #loading: Promise<PushSealer> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws in words when the file cannot be trusted, read or written; the next call looks again. */
  async load(): Promise<PushSealer> {
    this.#loading ??= this.#load();
    try {
      return await this.#loading;
    } catch (error) {
      this.#loading = null;
      throw error;
    }
  }

  async #load(): Promise<PushSealer> {
    // Of the library only what computes: its own way to the network knows no bounds.
    const { default: webPush } = await import('web-push');
    const text = readPrivate(this.#path);
    const keys = text === null ? this.#make(webPush.generateVAPIDKeys()) : this.#parse(text);
    const { publicKey, privateKey } = keys;
    const vapidDetails = { subject: SUBJECT, publicKey, privateKey };
    return {
      publicKey,
      seal: ({ endpoint, keys: { p256dh, auth } }, payload, { ttlSec, urgency, topic }) => {
        const { headers, body } = webPush.generateRequestDetails(
          { endpoint, keys: { p256dh, auth } },
          JSON.stringify(payload),
          { TTL: ttlSec, urgency, topic, contentEncoding: 'aes128gcm', vapidDetails },
        );
        const named = Object.entries(headers).map(
          ([name, value]) => [name, String(value)] as const,
        );
        const { Authorization, ...others } = Object.fromEntries(named);
        if (Authorization === undefined || body === null)
          throw new Error(`A push for ${new URL(endpoint).hostname} cannot be signed.`);
        return { url: endpoint, headers: { ...others, Authorization }, body };
      },
      topicOf: (text) =>
        createHmac('sha256', privateKey)
          .update(text)
          .digest()
          .subarray(0, 24)
          .toString('base64url'),
    };
  }

  #make({ publicKey, privateKey }: { publicKey: string; privateKey: string }): KeyFile {
    const keys: KeyFile = { version: 1, publicKey, privateKey };
    writePrivate(this.#path, JSON.stringify(keys));
    return keys;
  }

  #parse(text: string): KeyFile {
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      // Its content must not get into an error or the log.
      throw new Error(
        `${this.#path} is damaged: move it away, and let your devices ask for notifications anew.`,
      );
    }
  }
}
