import { figure, median, percentile, type Figure } from '../figure.ts';
import { BenchHost } from './bench-host.ts';
import { startCluster, Stops } from './cluster.ts';
import { SealedDevice } from './sealed-line.ts';
import { startSocketIoHop } from './socket-io-hop.ts';

export interface SealedHopOptions {
  /** The first is thrown away. */
  readonly rounds: number;
  readonly tripsPerRound: number;
}

const DEFAULTS: SealedHopOptions = { rounds: 11, tripsPerRound: 600 };
const SIZES = [
  { bytes: 200, what: '200 B' },
  { bytes: 4_096, what: '4 KB' },
];
const GOAL = 0.5;

/** Says something, and calls back when it came back. */
export type Echo = (text: string, back: () => void) => void;
type Ways = Record<'sealed' | 'socketIo', Echo>;

/**
 * A sealed text and its answer across two nodes over NATS, against the same unsealed between two servers of
 * socket.io over Redis. One message on each way after the other.
 */
export async function benchSealedHop(options: SealedHopOptions = DEFAULTS): Promise<Figure[]> {
  const stops = new Stops();
  try {
    const ways = { sealed: await sealedWay(stops), socketIo: await socketIoWay(stops) };
    const figures: Figure[] = [];
    for (const { bytes, what } of SIZES) {
      const text = 'x'.repeat(bytes);
      const rounds: Record<keyof Ways, number[]>[] = [];
      for (let round = 0; round <= options.rounds; round += 1) {
        const took = await inTurns(ways, text, options.tripsPerRound);
        if (round > 0) rounds.push(took);
      }
      const p50 = (way: keyof Ways): number =>
        median(rounds.map((round) => percentile(round[way], 0.5)));
      const p99 = (way: keyof Ways): number =>
        percentile(
          rounds.flatMap((round) => round[way]),
          0.99,
        );
      figures.push(
        figure(`${what} across two nodes, sealed, p50`, p50('sealed') * 1_000, 'µs'),
        figure(`${what} across two nodes, sealed, p99`, p99('sealed') * 1_000, 'µs'),
        figure(`${what}, socket.io over Redis, unsealed, p50`, p50('socketIo') * 1_000, 'µs'),
        figure(`${what}, socket.io over Redis, unsealed, p99`, p99('socketIo') * 1_000, 'µs'),
        figure(
          `${what}, sealed across two nodes against socket.io over Redis, p50`,
          median(
            rounds.map(
              ({ sealed, socketIo }) => percentile(sealed, 0.5) / percentile(socketIo, 0.5),
            ),
          ),
          '×',
          { atMost: GOAL },
        ),
      );
    }
    return figures;
  } finally {
    await stops.all();
  }
}

async function sealedWay(stops: Stops): Promise<Echo> {
  const cluster = stops.keep(await startCluster({ nodes: 2, nats: 1 }));
  const [near, far] = cluster.nodes;
  if (near === undefined || far === undefined) throw new Error('There are no two nodes.');
  const host = await BenchHost.start(stops, [far]);
  const device = await SealedDevice.one(host);
  let heard = (): void => {};
  const line = await device.open(near, 'here', { heard: () => heard(), lost: () => {} });
  stops.add(() => line.end());
  return (text, back) => {
    heard = back;
    line.send(text);
  };
}

export async function socketIoWay(stops: Stops): Promise<Echo> {
  const { socket, send } = await startSocketIoHop(stops);
  let heard = (): void => {};
  socket.on('carried', () => heard());
  return (text, back) => {
    heard = back;
    send(text);
  };
}

async function inTurns(
  ways: Ways,
  text: string,
  count: number,
): Promise<Record<keyof Ways, number[]>> {
  const took: Record<keyof Ways, number[]> = { sealed: [], socketIo: [] };
  for (let i = 0; i < count; i += 1)
    for (const name of ['sealed', 'socketIo'] as const) {
      const startMs = performance.now();
      await new Promise<void>((resolve) => ways[name](text, resolve));
      took[name].push(performance.now() - startMs);
    }
  return took;
}
