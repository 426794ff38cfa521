import {
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { DecisionSigner } from '../../../src/connection/device/sign-decision.ts';
import { HostClient } from '../../../src/connection/host-client.ts';
import type { FramePipe } from '../../../src/connection/sealed/frame-pipe.ts';
import { initiate } from '../../../src/connection/sealed/open.ts';
import type { SealedTransport } from '../../../src/connection/sealed/sealed-transport.ts';
import type { DhKeyPair, Primitives } from '../../../src/crypto/primitives.ts';
import { prologueOf } from '../../../src/crypto/prologue.ts';
import { DeviceBook } from '../../../src/host/devices/device-book.ts';
import { HostKeys } from '../../../src/host/devices/host-keys.ts';
import type { Home } from '../../../src/local/home.ts';
import { nodePrimitives } from '../../../src/local/node-primitives.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import {
  DEVICE_PROOF_TAG,
  proofText,
  RELAY_PATH,
  RELAY_SUBPROTOCOL,
  relayMessageSchema,
  type ChannelId,
  type Grant,
} from '../../../src/protocol/relay.ts';

const CONNECT_LIMIT_MS = 10_000;

/** A paired device without a screen, as low as the bytes on its socket. */
export class SealedDevice {
  readonly grant: Grant;
  readonly channel: ChannelId;
  /** Every frame it has sent, for those who would send it again. */
  readonly sent: Uint8Array[] = [];
  counter = 0;
  readonly #primitives: Primitives;
  readonly #own: DhKeyPair;
  readonly #hostKey: Uint8Array;
  readonly #psk: Uint8Array;
  readonly #signingKey: KeyObject;

  private constructor(
    keys: HostKeys,
    grant: Grant,
    secrets: { primitives: Primitives; own: DhKeyPair; psk: Uint8Array; signingKey: KeyObject },
  ) {
    this.grant = grant;
    this.channel = keys.channel;
    this.#primitives = secrets.primitives;
    this.#own = secrets.own;
    this.#psk = secrets.psk;
    this.#signingKey = secrets.signingKey;
    this.#hostKey = secrets.primitives.keyPairOf(keys.sealingSecret).publicKey;
  }

  /** Writes it into the home's book, as pairing would. The host must not run. */
  static async pairedWith(
    home: Home,
    name: string,
    role: Role,
    relay: 'own' | `http://${string}` = 'own',
  ): Promise<SealedDevice> {
    const primitives = await nodePrimitives();
    const keys = HostKeys.open(join(home.root, 'keys.json'));
    const book = new DeviceBook({ path: join(home.root, 'devices.json'), now: () => new Date() });
    const own = primitives.generateKeyPair();
    const psk = new Uint8Array(randomBytes(32));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const record = book.add({
      ...{ name, role, via: 'relay', relay },
      publicKey: Buffer.from(own.publicKey).toString('base64url'),
      signingKey: pointOf(privateKey),
      rootPsk: Buffer.from(psk).toString('base64url'),
    });
    const grant = keys.grant(record.id, record.signingKey, record.epoch);
    return new SealedDevice(keys, grant, { primitives, own, psk, signingKey: privateKey });
  }

  /** A line to the relay, admitted; rejects with the code or the words of the refusal. */
  async line(relay: string): Promise<DeviceLine> {
    const url = new URL(relay);
    const socket = new WebSocket(`ws://${url.host}${RELAY_PATH}`, RELAY_SUBPROTOCOL);
    return await new Promise<DeviceLine>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('not admitted')), CONNECT_LIMIT_MS);
      let line: DeviceLine | null = null;
      socket.on('error', reject);
      socket.on('close', (code) => {
        clearTimeout(timer);
        reject(new Error(`closed with ${code}`));
        line?.over(`closed with ${code}`);
      });
      socket.on('message', (data, isBinary) => {
        if (!Buffer.isBuffer(data)) return;
        if (isBinary) return line?.take(new Uint8Array(data));
        const message = relayMessageSchema.parse(JSON.parse(data.toString()));
        if (message.type === 'challenge') socket.send(this.#admission(message.nonce, url.host));
        if (message.type === 'refused') reject(new Error(`refused: ${message.code}`));
        if (message.type === 'admitted') {
          clearTimeout(timer);
          line = new DeviceLine(socket, this.sent);
          if (message.host) resolve(line);
          else socket.close();
        }
      });
    });
  }

  seal(
    line: DeviceLine,
    counter = ++this.counter,
    device: string = this.grant.device,
  ): SealedTransport {
    return initiate({
      pipe: line,
      prologue: prologueOf('session', this.channel, device),
      own: this.#own,
      remote: this.#hostKey,
      psk: this.#psk,
      primitives: this.#primitives,
      counter,
    });
  }

  /** Up to the host's hello. */
  async connect(relay: string) {
    const line = await this.line(relay);
    const connected = await HostClient.connect(this.seal(line), { surface: 'phone', version: '0' });
    return { ...connected, line };
  }

  /** Signs decisions with this device's key. */
  get signer(): DecisionSigner {
    return new DecisionSigner({
      keys: { grant: this.grant, sign: async (text) => new Uint8Array(this.#sign(text)) },
      sha256: (data) => this.#primitives.sha256(data),
    });
  }

  #sign(text: string): Buffer {
    const key = { key: this.#signingKey, dsaEncoding: 'ieee-p1363' as const };
    return sign('sha256', Buffer.from(text), key);
  }

  #admission(nonce: string, authority: string): string {
    const who = `${this.channel}.${this.grant.device}`;
    const text = proofText(DEVICE_PROOF_TAG, nonce, authority, who);
    const signature = this.#sign(text).toString('base64url');
    return JSON.stringify({ type: 'device', grant: this.grant, authority, signature });
  }
}

/** A device's socket at the relay, once admitted, as the pipe that a channel is sealed over. */
export class DeviceLine implements FramePipe {
  readonly socket: WebSocket;
  readonly #sent: Uint8Array[];
  #on: { frame(bytes: Uint8Array): void; close(reason: string): void } | null = null;
  #over: string | null = null;
  readonly ended: Promise<string>;
  #tellEnded: (reason: string) => void = () => {};

  constructor(socket: WebSocket, sent: Uint8Array[]) {
    this.socket = socket;
    this.#sent = sent;
    this.ended = new Promise((resolve) => (this.#tellEnded = resolve));
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  start(on: { frame(bytes: Uint8Array): void; close(reason: string): void }): void {
    this.#on = on;
  }

  send(bytes: Uint8Array): void {
    this.#sent.push(bytes.slice());
    this.socket.send(bytes);
  }

  close(): void {
    this.socket.close();
  }

  take(bytes: Uint8Array): void {
    this.#on?.frame(bytes);
  }

  over(reason: string): void {
    if (this.#over !== null) return;
    this.#over = reason;
    this.#tellEnded(reason);
    this.#on?.close(reason);
  }
}

function pointOf(key: KeyObject): string {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  const point = [Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  return Buffer.concat(point).toString('base64url');
}
