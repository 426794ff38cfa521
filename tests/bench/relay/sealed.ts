import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { initiate } from '../../../src/connection/sealed/open.ts';
import type { SealedTransport } from '../../../src/connection/sealed/sealed-transport.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { nodePrimitives } from '../../../src/local/node-primitives.ts';
import { RELAY_SUBPROTOCOL, type Grant } from '../../../src/protocol/relay.ts';
import { DeviceKey, HostKey } from '../../support/relay-clients.ts';
import { figure, median, percentile, type Figure } from '../figure.ts';
import { BenchProcess, startRelay, type BenchRelay } from './processes.ts';
import { RESUME_EVENTS, sealedKeys } from './sealed-keys.ts';

export interface SealedOptions {
  /** The first is thrown away. */
  readonly rounds: number;
  readonly tripsPerRound: number;
  readonly resumesPerRound: number;
}

const DEFAULTS: SealedOptions = { rounds: 9, tripsPerRound: 1_000, resumesPerRound: 20 };
const SIZES = [
  { bytes: 200, what: '200 B', goal: 1.25 },
  { bytes: 4_096, what: '4 KB', goal: 1.2 },
];

/** Says something, and calls back when it came back. */
type Echo = (text: string, back: () => void) => void;

/** What sealing adds to a relayed text's way, and what opening a sealed channel adds to a connection. */
export async function benchSealed(options: SealedOptions = DEFAULTS): Promise<Figure[]> {
  const stops: (() => Promise<void>)[] = [];
  const keep = (child: BenchProcess): BenchProcess => {
    stops.push(async () => await child.stop());
    return child;
  };
  try {
    const relay = await startRelay();
    keep(relay.process);
    const primitives = await nodePrimitives();
    const plainEnd = keep(BenchProcess.script('far-end.mjs'));
    const { echo } = await plainEnd.heard<{ echo: number }>();
    const sealedEnd = keep(BenchProcess.script('sealed-end.mjs'));
    await sealedEnd.heard();
    const socketIo = keep(BenchProcess.script('socket-io-end.mjs'));
    const { port } = await socketIo.heard<{ port: number }>();
    const [plainHost, sealedHost] = [new HostKey(), new HostKey()];
    await asHost(plainEnd, relay, plainHost);
    await asHost(sealedEnd, relay, sealedHost);
    const plain = await (await Device.of(relay, plainHost, primitives)).plain();
    const device = await Device.of(relay, sealedHost, primitives);
    const { transport, texts } = await device.sealed();
    const direct = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    await new Promise<void>((resolve) => direct.once('connect', resolve));
    stops.push(async () => {
      plain.terminate();
      transport.close('done');
      direct.close();
    });
    const ways = {
      plain: wsEcho(plain),
      sealed: sealedEcho(transport, texts),
      socketIo: ioEcho(direct),
    };
    return [...(await roundTrips(ways, options)), ...(await resumes(device, echo, options))];
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function asHost(end: BenchProcess, relay: BenchRelay, key: HostKey): Promise<void> {
  const { nonce } = await end.ask<{ nonce: string }>({
    host: relay.socketUrl,
    subprotocol: RELAY_SUBPROTOCOL,
  });
  await end.ask({ admission: key.admission(nonce, relay.authority) });
}

class Device {
  readonly #relay: BenchRelay;
  readonly #host: HostKey;
  readonly #primitives: Primitives;
  readonly #keys: ReturnType<typeof sealedKeys>;
  readonly #staticShared: Uint8Array;
  readonly #key = new DeviceKey();
  readonly #grant: Grant;
  #counter = 0;

  private constructor(
    relay: BenchRelay,
    host: HostKey,
    primitives: Primitives,
    shared: Uint8Array,
  ) {
    this.#relay = relay;
    this.#host = host;
    this.#primitives = primitives;
    this.#keys = sealedKeys(primitives);
    this.#staticShared = shared;
    this.#grant = host.grant(this.#key);
  }

  static async of(relay: BenchRelay, host: HostKey, primitives: Primitives): Promise<Device> {
    const keys = sealedKeys(primitives);
    return new Device(relay, host, primitives, await keys.device.dh(keys.host.publicKey));
  }

  /** Admitted; what comes is cargo alone. */
  async plain(): Promise<WebSocket> {
    const ws = await this.#proved();
    await once(ws, 'message');
    return ws;
  }

  /** Open. The first message goes out right behind the proof, with `first` in it. */
  async sealed(first: readonly string[] = ['here']): Promise<{
    transport: SealedTransport;
    texts: { heard: (text: string) => void };
  }> {
    const ws = await this.#proved();
    const { device, host, psk, prologue } = this.#keys;
    const transport = initiate({
      ...{ psk, prologue, primitives: this.#primitives, staticShared: this.#staticShared },
      own: device,
      remote: host.publicKey,
      counter: ++this.#counter,
      pipe: {
        bufferedBytes: 0,
        start: ({ frame }) =>
          ws.on('message', (data, isBinary) => {
            if (isBinary && Buffer.isBuffer(data)) frame(new Uint8Array(data));
          }),
        send: (bytes) => ws.send(bytes),
        close: () => ws.terminate(),
      },
    });
    const texts = { heard: (_: string): void => {} };
    transport.start({ message: (text) => texts.heard(text), close: () => {} });
    for (const text of first) transport.send(text);
    return { transport, texts };
  }

  /** Its proof is said; the answer is not awaited. */
  async #proved(): Promise<WebSocket> {
    const { socketUrl, authority } = this.#relay;
    const ws = new WebSocket(socketUrl, RELAY_SUBPROTOCOL, { perMessageDeflate: false });
    const [data] = (await once(ws, 'message')) as [Buffer];
    const { nonce } = JSON.parse(data.toString()) as { nonce: string };
    const said = this.#key.admission(nonce, authority, this.#host.channel, this.#grant);
    ws.send(JSON.stringify(said));
    return ws;
  }
}

function wsEcho(ws: WebSocket): Echo {
  let heard = (): void => {};
  // As the sealed one: bytes to text, and text to bytes.
  ws.on('message', (data) => data.toString() !== '' && heard());
  return (text, back) => {
    heard = back;
    ws.send(Buffer.from(text));
  };
}

const sealedEcho =
  (transport: SealedTransport, texts: { heard: (text: string) => void }): Echo =>
  (text, back) => {
    texts.heard = back;
    transport.send(text);
  };

function ioEcho(socket: Socket): Echo {
  let heard = (): void => {};
  socket.on('message', () => heard());
  return (text, back) => {
    heard = back;
    socket.emit('message', text);
  };
}

type Ways = Record<'plain' | 'sealed' | 'socketIo', Echo>;

async function roundTrips(ways: Ways, options: SealedOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { bytes, what, goal } of SIZES) {
    const text = 'x'.repeat(bytes);
    const rounds: Record<keyof Ways, number>[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      const took = await inTurns(ways, text, options.tripsPerRound);
      if (round > 0) rounds.push(took);
    }
    const over = (of: (round: (typeof rounds)[number]) => number): number => median(rounds.map(of));
    figures.push(
      figure(`round trip ${what}, relayed, p50`, over(({ plain }) => plain) * 1_000, 'µs'),
      figure(
        `round trip ${what}, sealed and relayed, p50`,
        over(({ sealed }) => sealed) * 1_000,
        'µs',
      ),
      figure(
        `round trip ${what}, sealed against plain, both relayed, p50`,
        over(({ plain, sealed }) => sealed / plain),
        '×',
        { atMost: goal },
      ),
      figure(
        `round trip ${what}, sealed and relayed against socket.io direct, p50`,
        over(({ socketIo, sealed }) => sealed / socketIo),
        '×',
        { atMost: 1 },
      ),
    );
  }
  return figures;
}

/** One message on each way after the other, so that what slows one slows all. The medians, in ms. */
async function inTurns(
  ways: Ways,
  text: string,
  count: number,
): Promise<Record<keyof Ways, number>> {
  const took: Record<keyof Ways, number[]> = { plain: [], sealed: [], socketIo: [] };
  for (let i = 0; i < count; i += 1)
    for (const name of ['plain', 'sealed', 'socketIo'] as const) {
      const startMs = performance.now();
      await new Promise<void>((resolve) => ways[name](text, resolve));
      took[name].push(performance.now() - startMs);
    }
  return {
    plain: percentile(took.plain, 0.5),
    sealed: percentile(took.sealed, 0.5),
    socketIo: percentile(took.socketIo, 0.5),
  };
}

async function resumes(device: Device, echo: number, options: SealedOptions): Promise<Figure[]> {
  const took = { bare: [] as number[], resume: [] as number[] };
  for (let round = 0; round <= options.rounds; round += 1)
    for (let i = 0; i < options.resumesPerRound; i += 1) {
      const [bare, resume] = [
        await timed(() => bareEcho(echo)),
        await timed(() => resumed(device)),
      ];
      if (round === 0) continue;
      took.bare.push(bare);
      took.resume.push(resume);
    }
  const [bare, resume] = [percentile(took.bare, 0.5), percentile(took.resume, 0.5)];
  return [
    figure('connect and one echo, bare ws, p50', bare, 'ms'),
    figure(`sealed resume with ${RESUME_EVENTS} missed events, p50`, resume, 'ms'),
    figure('sealed resume against a bare connect and echo, p50', resume / bare, '×', {
      atMost: 2.5,
    }),
  ];
}

async function timed(act: () => Promise<() => void>): Promise<number> {
  const startMs = performance.now();
  const end = await act();
  const tookMs = performance.now() - startMs;
  end();
  return tookMs;
}

async function bareEcho(port: number): Promise<() => void> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(ws, 'open');
  ws.send('here');
  await once(ws, 'message');
  return () => ws.terminate();
}

async function resumed(device: Device): Promise<() => void> {
  const { transport, texts } = await device.sealed(['resume']);
  let left = RESUME_EVENTS;
  await new Promise<void>((resolve) => {
    texts.heard = () => {
      left -= 1;
      if (left === 0) resolve();
    };
  });
  return () => transport.close('done');
}
