import { createECDH, createPublicKey, randomBytes, verify, type ECDH } from 'node:crypto';
import ece from 'http_ece';
import { z } from 'zod';
import { Emitter } from '../../src/base/emitter.ts';
import {
  pushPayloadSchema,
  type PushPayload,
  type PushSubscriptionJson,
} from '../../src/protocol/push.ts';
import { ScriptedServer, type Asked } from './scripted-server.ts';

/** RFC 8030 §7.2: a push service takes at least so much; those in use take no more. */
const MAX_MESSAGE_BYTES = 4_096;
const MAX_TOKEN_SEC = 24 * 3_600;

/** A push that came in whole and was taken: what a browser would be given. */
export interface TakenPush {
  /** Which subscription: the last part of its endpoint. */
  readonly to: string;
  readonly payload: PushPayload;
  /** As it came, before it was opened: what the network sees. */
  readonly sealed: Buffer;
  readonly ttl: number;
  readonly urgency: string | null;
  readonly topic: string | null;
  readonly vapid: { readonly aud: string; readonly exp: number; readonly sub: string };
  readonly atMs: number;
}

interface Subscription {
  readonly keys: ECDH;
  readonly auth: string;
  /** The key it was made with, where that is known: no other may push to it. */
  serverKey: string | null;
}

const tokenSchema = z.object({ aud: z.string(), exp: z.number(), sub: z.string() });

/**
 * A push service on loopback (RFC 8030) that looks into what it is given, which a real one cannot:
 * it opens the seal (RFC 8291), checks the token (RFC 8292), and refuses what is not as it must be.
 * The host needs `notify.allowHosts: [service.host]`.
 */
export class PushService extends ScriptedServer {
  readonly taken: TakenPush[] = [];
  /** Every request, taken or not: `to` and what it was answered. */
  readonly tries: { readonly to: string; readonly atMs: number }[] = [];
  /** What was wrong with a request; empty at the end of a good test. */
  readonly faults: string[] = [];
  readonly pushed = new Emitter<TakenPush>();
  readonly #subscriptions = new Map<string, Subscription>();

  static async start(): Promise<PushService> {
    return await new PushService().listen();
  }

  /** What a browser's `pushManager.subscribe()` gives, with `serverKey` as its applicationServerKey. */
  subscribe(serverKey: string | null = null): PushSubscriptionJson {
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const auth = randomBytes(16).toString('base64url');
    const id = randomBytes(24).toString('base64url');
    this.#subscriptions.set(id, { keys, auth, serverKey });
    return {
      endpoint: `${this.origin}/push/${id}`,
      expirationTime: null,
      keys: { p256dh: keys.getPublicKey().toString('base64url'), auth },
    };
  }

  /** The browser has unsubscribed, or its site was removed: 410 from now on. */
  forget(subscription: PushSubscriptionJson): void {
    this.#subscriptions.delete(idOf(subscription));
  }

  takenBy(subscription: PushSubscriptionJson): PushPayload[] {
    return this.taken.filter(({ to }) => to === idOf(subscription)).map(({ payload }) => payload);
  }

  protected take({ method, path, headers, body }: Asked, isTaken: boolean): number {
    const to = path.split('/').at(-1) ?? '';
    const refuse = (status: number, fault: string): number => {
      this.faults.push(fault);
      return status;
    };
    this.tries.push({ to, atMs: Date.now() });
    if (method !== 'POST') return refuse(405, `${method} is no way to push`);
    const subscription = this.#subscriptions.get(to);
    if (subscription === undefined) return 410;
    if (body.length > MAX_MESSAGE_BYTES) return refuse(413, `a body of ${body.length} bytes`);
    if (headers['content-encoding'] !== 'aes128gcm')
      return refuse(415, `content-encoding ${headers['content-encoding']}`);
    const ttl = textOf(headers['ttl']);
    if (ttl === null || !/^\d{1,9}$/u.test(ttl)) return refuse(400, `TTL ${ttl}`);
    const urgency = textOf(headers['urgency']);
    if (urgency !== null && !/^(?:very-low|low|normal|high)$/u.test(urgency))
      return refuse(400, `Urgency ${urgency}`);
    const topic = textOf(headers['topic']);
    if (topic !== null && !/^[\w-]{1,32}$/u.test(topic)) return refuse(400, `Topic ${topic}`);
    const token = this.#tokenOf(headers.authorization, subscription);
    if (typeof token === 'string') return refuse(403, token);
    const opened = open(body, subscription);
    if (typeof opened === 'string') return refuse(400, opened);
    const push: TakenPush = {
      ...{ to, payload: opened, sealed: body, ttl: Number(ttl), urgency, topic, vapid: token },
      atMs: Date.now(),
    };
    if (!isTaken) return 201;
    this.taken.push(push);
    this.pushed.emit(push);
    return 201;
  }

  /** What the token says, or what is wrong with it. */
  #tokenOf(
    header: string | undefined,
    subscription: Subscription,
  ): z.infer<typeof tokenSchema> | string {
    const parts = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$/u.exec(header ?? '');
    if (parts === null) return 'no VAPID token';
    const [, head = '', claims = '', signature = '', key = ''] = parts;
    const raw = Buffer.from(key, 'base64url');
    if (raw.length !== 65 || raw[0] !== 4) return 'the VAPID key is none';
    const jwk = {
      ...{ kty: 'EC', crv: 'P-256' },
      x: raw.subarray(1, 33).toString('base64url'),
      y: raw.subarray(33).toString('base64url'),
    };
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) return 'the VAPID token is signed by another';
    if (jsonOf(head)['alg'] !== 'ES256') return 'the VAPID token is not ES256';
    const token = tokenSchema.safeParse(jsonOf(claims)).data;
    if (token === undefined) return 'the VAPID token says too little';
    const leftSec = token.exp - Date.now() / 1_000;
    if (leftSec <= 0 || leftSec > MAX_TOKEN_SEC) return `the VAPID token is good for ${leftSec} s`;
    if (token.aud !== this.origin) return `the VAPID token is for ${token.aud}`;
    if (!/^(?:mailto:.+@|https:\/\/)/u.test(token.sub)) return `the VAPID subject is ${token.sub}`;
    subscription.serverKey ??= key;
    return subscription.serverKey === key ? token : 'the VAPID key is not that of the subscription';
  }
}

function open(body: Buffer, { keys, auth }: Subscription): PushPayload | string {
  let text;
  try {
    const how = { version: 'aes128gcm' as const, privateKey: keys, authSecret: auth };
    text = ece.decrypt(body, how).toString('utf8');
  } catch (error) {
    return `it does not open: ${String(error)}`;
  }
  const parsed = pushPayloadSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : `the payload is none: ${parsed.error.message}`;
}

function idOf({ endpoint }: PushSubscriptionJson): string {
  return endpoint.split('/').at(-1) ?? '';
}

function jsonOf(part: string): Record<string, unknown> {
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(Buffer.from(part, 'base64url').toString()));
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}
