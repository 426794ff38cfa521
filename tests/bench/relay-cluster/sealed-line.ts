import { once } from 'node:events';
import { WebSocket } from 'ws';
import { initiate } from '../../../src/connection/sealed/open.ts';
import type { SealedTransport } from '../../../src/connection/sealed/sealed-transport.ts';
import { nodePrimitives } from '../../../src/local/node-primitives.ts';
import { RELAY_SUBPROTOCOL, type Grant } from '../../../src/protocol/relay.ts';
import { DeviceKey } from '../../support/relay-clients.ts';
import { sealedKeys } from '../relay/sealed-keys.ts';
import type { BenchHost, Place } from './bench-host.ts';

export interface SealedOptions {
  /** Each text that the host sent. */
  heard(text: string): void;
  /** Once; the line is gone. */
  lost(): void;
}

/** Makes sealed lines as a device does: the real channel of ours over a real relay. */
export class SealedDevice {
  readonly #key: DeviceKey;
  readonly #grant: Grant;
  readonly #channel: string;
  readonly #seal: Sealing;
  #counter = 0;

  private constructor(key: DeviceKey, grant: Grant, channel: string, seal: Sealing) {
    this.#key = key;
    this.#grant = grant;
    this.#channel = channel;
    this.#seal = seal;
  }

  static async many(host: BenchHost, count: number): Promise<SealedDevice[]> {
    const keys = Array.from({ length: count }, () => new DeviceKey());
    const seal = await sealing();
    const grants = await host.grants(keys);
    return keys.flatMap((key, i) => {
      const grant = grants[i];
      return grant === undefined ? [] : [new SealedDevice(key, grant, host.channel, seal)];
    });
  }

  static async one(host: BenchHost): Promise<SealedDevice> {
    const [device] = await SealedDevice.many(host, 1);
    if (device === undefined) throw new Error('No device was made.');
    return device;
  }

  /**
   * Resolves when the host has answered `first`. Rejects when the line ends before. Where the host is not
   * there yet it waits: who dials a node that has just taken over is told when the host has come.
   */
  async open(node: Place, first: string, options: SealedOptions): Promise<SealedLine> {
    const ws = new WebSocket(node.socketUrl, RELAY_SUBPROTOCOL, { perMessageDeflate: false });
    ws.on('error', () => {});
    const lost = once(ws, 'close').then(() => {
      throw new Error('The line ended while it was opened.');
    });
    lost.catch(() => {});
    const [challenge] = (await Promise.race([once(ws, 'message'), lost])) as [Buffer];
    const { nonce } = JSON.parse(challenge.toString()) as { nonce: string };
    const said = this.#key.admission(nonce, node.authority, this.#channel, this.#grant);
    ws.send(JSON.stringify(said));
    const line = new SealedLine(ws, options, (frames) => this.#initiate(ws, frames));
    await Promise.race([line.answered(first), lost]);
    return line;
  }

  #initiate(ws: WebSocket, frames: Frames): SealedTransport {
    const { device, host, psk, prologue } = this.#seal.keys;
    return initiate({
      ...{ psk, prologue, primitives: this.#seal.primitives, staticShared: this.#seal.shared },
      own: device,
      remote: host.publicKey,
      counter: ++this.#counter,
      pipe: {
        bufferedBytes: 0,
        start: ({ frame }) => (frames.deliver = frame),
        send: (bytes) => ws.send(bytes),
        close: () => {},
      },
    });
  }
}

interface Frames {
  deliver: (frame: Uint8Array) => void;
}
interface Sealing {
  readonly primitives: Awaited<ReturnType<typeof nodePrimitives>>;
  readonly keys: ReturnType<typeof sealedKeys>;
  readonly shared: Uint8Array;
}

async function sealing(): Promise<Sealing> {
  const primitives = await nodePrimitives();
  const keys = sealedKeys(primitives);
  return { primitives, keys, shared: await keys.device.dh(keys.host.publicKey) };
}

/** A device's line: whenever the host comes a channel is sealed with it anew. */
export class SealedLine {
  readonly #ws: WebSocket;
  readonly #frames: Frames = { deliver: () => {} };
  #transport: SealedTransport | null = null;
  #first = '';
  #onAnswered: () => void = () => {};

  constructor(
    ws: WebSocket,
    { heard, lost }: SealedOptions,
    initiated: (frames: Frames) => SealedTransport,
  ) {
    this.#ws = ws;
    ws.on('close', lost);
    ws.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (isBinary) return this.#frames.deliver(new Uint8Array(data));
      const said = JSON.parse(data.toString()) as { type: string; host?: boolean; here?: boolean };
      if (said.type !== 'admitted' && said.type !== 'host') return;
      const isHere = said.host ?? said.here ?? false;
      this.#transport?.close('over');
      this.#transport = null;
      if (!isHere) return;
      const transport = initiated(this.#frames);
      this.#transport = transport;
      transport.start({
        message: (text) => {
          this.#onAnswered();
          heard(text);
        },
        close: () => {},
      });
      transport.send(this.#first);
    });
  }

  /** With the first answer of the host, to what it is sent whenever it comes. */
  async answered(first: string): Promise<void> {
    this.#first = first;
    await new Promise<void>((resolve) => {
      this.#onAnswered = resolve;
    });
  }

  /** Goes nowhere while the host is away. */
  send(text: string): void {
    this.#transport?.send(text);
  }

  end(): void {
    this.#transport?.close('over');
    this.#ws.terminate();
  }
}
