import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { withDeadline } from '../../src/base/deadline.ts';
import {
  CHANNEL_TAG,
  DEVICE_PROOF_TAG,
  GRANT_TAG,
  HOST_PROOF_TAG,
  RELAY_SUBPROTOCOL,
  relayMessageSchema,
  type Grant,
  type RelayMessage,
} from '../../src/protocol/relay.ts';

const LIMIT_MS = 5_000;

export const id = (bytes = 16): string => randomBytes(bytes).toString('base64url');

export interface HostWords {
  readonly revoked?: string[];
  readonly epoch?: number;
  readonly dialledMs?: number;
}

/** A host's key as its relay sees it. Written down anew, not taken from the relay's own code. */
export class HostKey {
  readonly #key: KeyObject;
  readonly public: string;
  readonly channel: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    this.public = String(publicKey.export({ format: 'jwk' }).x);
    const hash = createHash('sha256')
      .update(CHANNEL_TAG)
      .update(Buffer.from(this.public, 'base64url'));
    this.channel = hash.digest().subarray(0, 16).toString('base64url');
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64url');
  }

  grant(device: Pick<DeviceKey, 'id' | 'public'>, epoch = 0): Grant {
    const { id: deviceId, public: deviceKey } = device;
    return {
      hostKey: this.public,
      device: deviceId,
      deviceKey,
      epoch,
      signature: this.sign(`${GRANT_TAG}${deviceId} ${deviceKey} ${epoch}`),
    } as Grant;
  }

  admission(
    nonce: string,
    authority: string,
    { revoked = [], epoch = 0, dialledMs }: HostWords = {},
  ) {
    const signature = this.sign(`${HOST_PROOF_TAG}${nonce} ${authority} ${this.channel}`);
    const dialled = dialledMs === undefined ? {} : { dialledMs };
    return { type: 'host', key: this.public, authority, signature, revoked, epoch, ...dialled };
  }
}

export class DeviceKey {
  readonly id = id();
  readonly public: string;
  readonly #key: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    const { x, y } = publicKey.export({ format: 'jwk' });
    const parts = [
      Buffer.from([4]),
      ...[x, y].map((part) => Buffer.from(String(part), 'base64url')),
    ];
    this.public = Buffer.concat(parts).toString('base64url');
  }

  sign(text: string): string {
    const key = { key: this.#key, dsaEncoding: 'ieee-p1363' } as const;
    return sign('sha256', Buffer.from(text), key).toString('base64url');
  }

  admission(nonce: string, authority: string, channel: string, grant: Grant) {
    const signature = this.sign(`${DEVICE_PROOF_TAG}${nonce} ${authority} ${channel}.${this.id}`);
    return { type: 'device', grant, authority, signature };
  }
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A scripted client of a relay: says what it is told to, and keeps what it hears. */
export class RelayClient {
  readonly ws: WebSocket;
  readonly #texts: RelayMessage[] = [];
  readonly #cargo: Buffer[] = [];
  readonly closed: Promise<Closed>;
  /** What the relay said when it let this one in. */
  admitted: RelayMessage | null = null;
  #wake: () => void = () => {};

  constructor(
    socketUrl: string,
    subprotocol = RELAY_SUBPROTOCOL,
    headers: Record<string, string> = {},
  ) {
    this.ws = new WebSocket(socketUrl, subprotocol, { perMessageDeflate: false, headers });
    this.ws.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) this.#cargo.push(bytes);
      else this.#texts.push(relayMessageSchema.parse(JSON.parse(bytes.toString())));
      this.#wake();
    });
    this.ws.on('error', () => {});
    this.closed = once(this.ws, 'close').then(([code, reason]) => {
      this.#wake();
      return { code: Number(code), reason: String(reason) };
    });
  }

  /** The next message that was not taken yet; texts and cargo are two queues. */
  async text(): Promise<RelayMessage> {
    return await this.#next(this.#texts, 'a message of the relay');
  }

  async cargo(): Promise<Buffer> {
    return await this.#next(this.#cargo, 'cargo');
  }

  /** Messages that came and were not taken. */
  get untaken(): { texts: readonly RelayMessage[]; cargo: readonly Buffer[] } {
    return { texts: this.#texts, cargo: this.#cargo };
  }

  say(message: unknown): void {
    this.ws.send(JSON.stringify(message));
  }

  send(cargo: Uint8Array): void {
    this.ws.send(cargo);
  }

  sendTo(slot: number, cargo: Uint8Array): void {
    const frame = Buffer.alloc(4 + cargo.length);
    frame.writeUInt32BE(slot);
    frame.set(cargo, 4);
    this.ws.send(frame);
  }

  /** Cargo on a host's line, as slot and what the device sent. */
  async cargoWithSlot(): Promise<{ slot: number; cargo: Buffer }> {
    const frame = await this.cargo();
    return { slot: frame.readUInt32BE(), cargo: frame.subarray(4) };
  }

  async nonce(): Promise<string> {
    const challenge = await this.text();
    if (challenge.type !== 'challenge') throw new Error(`${challenge.type} came first`);
    return challenge.nonce;
  }

  /** Until everything sent before has been read by the relay, and answered. */
  async ponged(): Promise<void> {
    this.say({ type: 'ping' });
    for (;;) if ((await this.text()).type === 'pong') return;
  }

  end(): void {
    this.ws.terminate();
  }

  async #next<T>(queue: T[], what: string): Promise<T> {
    const waiting = async (): Promise<T> => {
      for (;;) {
        const [first] = queue;
        if (first !== undefined) {
          queue.shift();
          return first;
        }
        if (this.ws.readyState === WebSocket.CLOSED)
          throw new Error(`The relay closed the connection while ${what} was awaited`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return await withDeadline(waiting(), LIMIT_MS, `Waiting for ${what}`);
  }
}

interface Place {
  readonly socketUrl: string;
  readonly authority: string;
}

/** A host that was admitted. */
export async function connectHost(
  relay: Place,
  key: HostKey,
  revocations: HostWords = {},
): Promise<RelayClient> {
  const client = new RelayClient(relay.socketUrl);
  client.say(key.admission(await client.nonce(), relay.authority, revocations));
  return await admitted(client);
}

/** A device that was admitted. */
export async function connectDevice(
  relay: Place,
  host: HostKey,
  device: DeviceKey,
  epoch = 0,
): Promise<RelayClient> {
  const client = new RelayClient(relay.socketUrl);
  const grant = host.grant(device, epoch);
  client.say(device.admission(await client.nonce(), relay.authority, host.channel, grant));
  return await admitted(client);
}

export async function connectGuest(relay: Place, rendezvous: string): Promise<RelayClient> {
  const client = new RelayClient(relay.socketUrl);
  await client.nonce();
  client.say({ type: 'guest', rendezvous });
  return await admitted(client);
}

async function admitted(client: RelayClient): Promise<RelayClient> {
  const answer = await client.text();
  if (answer.type === 'admitted') {
    client.admitted = answer;
    return client;
  }
  client.end();
  throw new Error(`Not admitted: ${JSON.stringify(answer)}`);
}
