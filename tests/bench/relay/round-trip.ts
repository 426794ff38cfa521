import { once } from 'node:events';
import { WebSocket } from 'ws';
import { RELAY_SUBPROTOCOL } from '../../../src/protocol/relay.ts';
import { connectDevice, DeviceKey, HostKey } from '../../support/relay-clients.ts';
import { figure, median, percentile, type Figure } from '../figure.ts';
import { BenchProcess, startRelay } from './processes.ts';

export interface RoundTripOptions {
  /** Each measures every way once; the first is thrown away. */
  readonly rounds: number;
  readonly tripsPerRound: number;
}

/** Many short rounds: what else the machine does then falls on all ways alike. */
const DEFAULTS: RoundTripOptions = { rounds: 60, tripsPerRound: 250 };
const SIZES = [200, 4_096];
const GOAL = 2.2;

/**
 * How much longer a frame and its answer take through the relay than to a `ws` server that echoes.
 * One client, one far end, each way with its own process in the middle or none; all ways in turns.
 */
export async function benchRoundTrip(options: RoundTripOptions = DEFAULTS): Promise<Figure[]> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const ways = await connectWays(stops);
    return await measured(ways, options);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

type Ways = Record<'direct' | 'splice' | 'relayed', WebSocket>;

async function connectWays(stops: (() => Promise<void>)[]): Promise<Ways> {
  const farEnd = BenchProcess.script('far-end.mjs');
  stops.push(async () => await farEnd.stop());
  const { echo } = await farEnd.heard<{ echo: number }>();
  const splice = BenchProcess.script('splice.mjs', [String(echo)]);
  stops.push(async () => await splice.stop());
  const { port } = await splice.heard<{ port: number }>();
  const relay = await startRelay();
  stops.push(async () => await relay.process.stop());
  const key = new HostKey();
  const { nonce } = await farEnd.ask<{ nonce: string }>({
    host: relay.socketUrl,
    subprotocol: RELAY_SUBPROTOCOL,
  });
  await farEnd.ask({ admission: key.admission(nonce, relay.authority) });
  const device = await connectDevice(relay, key, new DeviceKey());
  // The scripted client keeps what it hears; from here on we listen ourselves.
  device.ws.removeAllListeners('message');
  const ways = {
    direct: await connected(echo),
    splice: await connected(port),
    relayed: device.ws,
  };
  stops.push(async () => Object.values(ways).forEach((ws) => ws.terminate()));
  return ways;
}

async function connected(port: number): Promise<WebSocket> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(ws, 'open');
  return ws;
}

async function measured(ways: Ways, options: RoundTripOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const bytes of SIZES) {
    const rounds: Record<keyof Ways, readonly number[]>[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      const took = {
        direct: await trips(ways.direct, bytes, options.tripsPerRound),
        splice: await trips(ways.splice, bytes, options.tripsPerRound),
        relayed: await trips(ways.relayed, bytes, options.tripsPerRound),
      };
      if (round > 0) rounds.push(took);
    }
    const over = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
    const p = (samples: readonly number[], share: number) => percentile(samples, share);
    const all = (way: keyof Ways) => rounds.flatMap((round) => [...round[way]]);
    const what = bytes < 1_024 ? `${bytes} B` : `${bytes / 1_024} KB`;
    figures.push(
      figure(`round trip ${what}, direct, p50`, over(({ direct }) => p(direct, 0.5)) * 1_000, 'µs'),
      figure(
        `round trip ${what}, relayed, p50`,
        over(({ relayed }) => p(relayed, 0.5)) * 1_000,
        'µs',
      ),
      figure(
        `round trip ${what}, relayed against direct, p50`,
        over(({ direct, relayed }) => p(relayed, 0.5) / p(direct, 0.5)),
        '×',
        { atMost: GOAL },
      ),
      figure(
        `round trip ${what}, bare TCP splice against direct, p50`,
        over(({ direct, splice }) => p(splice, 0.5) / p(direct, 0.5)),
        '×',
      ),
      figure(
        `round trip ${what}, relayed against direct, p99`,
        p(all('relayed'), 0.99) / p(all('direct'), 0.99),
        '×',
      ),
    );
  }
  return figures;
}

/** One after the other; how long each took, in ms. */
export async function trips(ws: WebSocket, bytes: number, count: number): Promise<number[]> {
  const frame = Buffer.alloc(bytes, 7);
  const took: number[] = [];
  await new Promise<void>((resolve, reject) => {
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      ws.send(frame);
    };
    const back = (): void => {
      took.push(performance.now() - sentAt);
      if (took.length < count) return send();
      ws.off('message', back);
      ws.off('close', lost);
      resolve();
    };
    const lost = (): void => reject(new Error('The connection was lost'));
    ws.on('message', back);
    ws.once('close', lost);
    send();
  });
  return took;
}
