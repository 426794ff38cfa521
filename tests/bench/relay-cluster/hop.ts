import { once } from 'node:events';
import { WebSocket } from 'ws';
import { RELAY_SUBPROTOCOL } from '../../../src/protocol/relay.ts';
import { DeviceKey, HostKey } from '../../support/relay-clients.ts';
import { figure, median, percentile, type Figure } from '../figure.ts';
import { BenchProcess, type BenchRelay } from '../relay/processes.ts';
import { trips } from '../relay/round-trip.ts';
import { startCluster, Stops } from './cluster.ts';
import { connectToHost } from './device.ts';
import { perSecond } from './window.ts';

export interface HopOptions {
  /** Each measures every way once; the first is thrown away. */
  readonly rounds: number;
  readonly tripsPerRound: number;
  /** Of each way in the rounds for throughput. */
  readonly framesPerRound: number;
}

const DEFAULTS: HopOptions = { rounds: 30, tripsPerRound: 250, framesPerRound: 6_000 };
const SIZES = [
  { bytes: 200, what: '200 B', goal: 3.5 },
  { bytes: 4_096, what: '4 KB', goal: 2.5 },
];
const WINDOW = 64;
const THROUGHPUT_GOAL = 0.5;

type Way = 'local' | 'across' | 'bareHop';
type Ways = Record<Way, WebSocket>;
const WAYS = ['local', 'across', 'bareHop'] as const;

/** How much longer a frame and its answer take over two nodes than over one; all ways in turns. */
export async function benchHop(options: HopOptions = DEFAULTS): Promise<Figure[]> {
  const stops = new Stops();
  try {
    const ways = await connectWays(stops);
    return [...(await roundTrips(ways, options)), ...(await throughput(ways, options))];
  } finally {
    await stops.all();
  }
}

async function connectWays(stops: Stops): Promise<Ways> {
  const cluster = stops.keep(await startCluster({ nodes: 2, nats: 1 }));
  const [near, far] = cluster.nodes;
  if (near === undefined || far === undefined) throw new Error('There are no two nodes.');
  const [url] = cluster.nats.urls;
  const bareEnd = stops.keep(BenchProcess.script('far-end.mjs'));
  const { echo } = await bareEnd.heard<{ echo: number }>();
  const splice = (side: string, ...args: string[]): BenchProcess =>
    stops.keep(
      new BenchProcess(`${import.meta.dirname}/nats-splice.mjs`, [side, String(url), ...args]),
    );
  const { port } = await splice('near').heard<{ port: number }>();
  const bareHop = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(bareHop, 'open');
  await splice('far', String(echo)).heard();
  const ways = {
    local: await through(stops, near, near),
    across: await through(stops, near, far),
    bareHop,
  };
  stops.add(() => Object.values(ways).forEach((ws) => ws.terminate()));
  return ways;
}

/** A device at one node, and a host that echoes at a node, the same or another. */
async function through(stops: Stops, near: BenchRelay, far: BenchRelay): Promise<WebSocket> {
  const end = stops.keep(BenchProcess.script('far-end.mjs'));
  await end.heard();
  const key = new HostKey();
  const { nonce } = await end.ask<{ nonce: string }>({
    host: far.socketUrl,
    subprotocol: RELAY_SUBPROTOCOL,
  });
  await end.ask({ admission: key.admission(nonce, far.authority) });
  const device = await connectToHost(near, key, new DeviceKey());
  // The scripted client keeps what it hears; from here on we listen ourselves.
  device.ws.removeAllListeners('message');
  return device.ws;
}

async function roundTrips(ways: Ways, { rounds, tripsPerRound }: HopOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { bytes, what, goal } of SIZES) {
    const took = await inTurns(rounds, async (way) => await trips(ways[way], bytes, tripsPerRound));
    const p50 = (way: Way): number => median(took[way].map((samples) => percentile(samples, 0.5)));
    const p99 = (way: Way): number => percentile(took[way].flat(), 0.99);
    const over = (way: Way): number =>
      median(
        took[way].map(
          (samples, i) => percentile(samples, 0.5) / percentile(took.local[i] ?? [], 0.5),
        ),
      );
    figures.push(
      figure(`round trip ${what}, one node, p50`, p50('local') * 1_000, 'µs'),
      figure(`round trip ${what}, across two nodes, p50`, p50('across') * 1_000, 'µs'),
      figure(`round trip ${what}, across against one node, p50`, over('across'), '×', {
        atMost: goal,
      }),
      figure(`round trip ${what}, bare hop over NATS against one node, p50`, over('bareHop'), '×'),
      figure(`round trip ${what}, across against one node, p99`, p99('across') / p99('local'), '×'),
    );
  }
  return figures;
}

async function throughput(ways: Ways, { framesPerRound }: HopOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { bytes, what } of SIZES) {
    const rates = await inTurns(
      7,
      async (way) => await perSecond(ways[way], { bytes, window: WINDOW, count: framesPerRound }),
    );
    const over = (way: Way): number =>
      median(rates[way].map((rate, i) => rate / (rates.local[i] ?? Number.NaN)));
    const name = `${what}, window ${WINDOW}`;
    figures.push(
      figure(`frames and answers ${name}, one node`, median(rates.local), '/s'),
      figure(`frames and answers ${name}, across two nodes`, median(rates.across), '/s'),
      figure(`frames and answers ${name}, across against one node`, over('across'), '×', {
        atLeast: THROUGHPUT_GOAL,
      }),
      figure(
        `frames and answers ${name}, bare hop over NATS against one node`,
        over('bareHop'),
        '×',
      ),
    );
  }
  return figures;
}

/** Each way once a round, the first round thrown away: what slows one slows all. */
async function inTurns<T>(
  rounds: number,
  measure: (way: Way) => Promise<T>,
): Promise<Record<Way, T[]>> {
  const all: Record<Way, T[]> = { local: [], across: [], bareHop: [] };
  for (let round = 0; round <= rounds; round += 1)
    for (const way of WAYS) {
      const one = await measure(way);
      if (round > 0) all[way].push(one);
    }
  return all;
}
