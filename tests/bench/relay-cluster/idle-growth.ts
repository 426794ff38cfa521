import { figure, median, type Figure } from '../figure.ts';
import { BenchProcess, startRelay, type BenchRelay } from '../relay/processes.ts';
import { startCluster, Stops } from './cluster.ts';
import { Crowd, type CrowdOrder } from './crowd.ts';
import { openFilesLimit, OTHER_FILES } from './open-files.ts';
import { plot } from './plot.ts';

export interface IdleGrowthOptions {
  readonly rounds: number;
  readonly devices: number;
  readonly steps: number;
}

const DEFAULTS: IdleGrowthOptions = { rounds: 5, devices: 20_000, steps: 5 };
const GOAL = 1.1;
const LINEAR = 0.99;
const CROWDS = 2;
const PER_HOST = 49;
const OPEN_LIMIT_MS = 240_000;
const KIB = 1_024;
const MIB = KIB * KIB;

/** Resident bytes with so many connections. */
type Growth = readonly { readonly devices: number; readonly bytes: number }[];

/** What 20,000 idle devices keep in a node's memory, and how that grows, against a bare `ws` server. */
export async function benchIdleGrowth(options: IdleGrowthOptions = DEFAULTS): Promise<Figure[]> {
  const devices = Math.min(options.devices, openFilesLimit() - OTHER_FILES);
  const sizes = Array.from({ length: options.steps }, (_, i) =>
    Math.round((devices * (i + 1)) / options.steps),
  );
  const rounds: Record<'bare' | 'relay' | 'cluster', Growth>[] = [];
  for (let round = 0; round < options.rounds; round += 1)
    rounds.push({
      bare: await growth(sizes, bareServer),
      relay: await growth(sizes, oneRelay),
      cluster: await growth(sizes, awayFromHosts),
    });
  const bare = median(rounds.map((round) => perDevice(round.bare)));
  const over = (way: 'relay' | 'cluster'): number =>
    median(rounds.map((round) => perDevice(round[way]) / perDevice(round.bare)));
  const middle = rounds[Math.floor(rounds.length / 2)] ?? rounds[0];
  if (middle !== undefined)
    plot('relay-memory.svg', 'Memory of a node with idle devices', [
      { name: 'one relay', points: inMib(middle.relay) },
      { name: 'node of a cluster, hosts at another', points: inMib(middle.cluster) },
      { name: 'bare ws server', points: inMib(middle.bare) },
    ]);
  return [
    figure('idle devices on one node at once', devices, ''),
    figure('idle connection, bare ws server', bare / KIB, 'KiB'),
    figure('idle device, one relay', median(rounds.map((r) => perDevice(r.relay))) / KIB, 'KiB'),
    figure('idle device against a connection of a bare ws server', over('relay'), '×', {
      atMost: GOAL,
    }),
    figure(
      'idle device whose host is at another node, against a connection of a bare ws server',
      over('cluster'),
      '×',
      { atMost: GOAL },
    ),
    figure(
      'resident memory with all of them, one relay',
      median(rounds.map(({ relay }) => relay.at(-1)?.bytes ?? 0)) / MIB,
      'MiB',
    ),
    figure(
      'growth: R² of a straight line, one relay',
      median(rounds.map((r) => straight(r.relay))),
      '',
      {
        atLeast: LINEAR,
      },
    ),
    figure('growth: the same of a bare ws server', median(rounds.map((r) => straight(r.bare))), ''),
  ];
}

/** The slope of the straight line that fits best. */
export function perDevice(growth: Growth): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(growth.map(({ devices }) => devices));
  const y = mean(growth.map(({ bytes }) => bytes));
  const sum = (of: (point: Growth[number]) => number): number =>
    growth.reduce((total, point) => total + of(point), 0);
  return (
    sum(({ devices, bytes }) => (devices - x) * (bytes - y)) /
    sum(({ devices }) => (devices - x) ** 2)
  );
}

/** How much of what differs a straight line explains: 1 is all of it. */
function straight(growth: Growth): number {
  const slope = perDevice(growth);
  const spread = (values: readonly number[]): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const along = spread(growth.map(({ devices }) => devices * slope));
  return along / spread(growth.map(({ bytes }) => bytes));
}

const inMib = (growth: Growth) =>
  growth.map(({ devices, bytes }) => [devices, bytes / MIB] as const);

interface Measured {
  readonly process: BenchProcess;
  readonly order: Omit<CrowdOrder, 'nth'>;
}

async function bareServer(stops: Stops): Promise<Measured> {
  const server = stops.keep(BenchProcess.script('bare-server.mjs'));
  const { port } = await server.heard<{ port: number }>();
  const authority = `127.0.0.1:${port}`;
  const devices = { authority, socketUrl: `ws://${authority}` };
  return { process: server, order: { devices, hosts: null, isBare: true, perHost: PER_HOST } };
}

async function oneRelay(stops: Stops): Promise<Measured> {
  const relay = await startRelay();
  stops.add(async () => await relay.process.stop());
  return { process: relay.process, order: orderOf(relay, relay) };
}

async function awayFromHosts(stops: Stops): Promise<Measured> {
  const { nodes } = stops.keep(await startCluster({ nodes: 2, nats: 1 }));
  const [near, far] = nodes;
  if (near === undefined || far === undefined) throw new Error('There are no two nodes.');
  return { process: near.process, order: orderOf(near, far) };
}

function orderOf(near: BenchRelay, far: BenchRelay): Measured['order'] {
  const place = ({ socketUrl, authority }: BenchRelay) => ({ socketUrl, authority });
  return { devices: place(near), hosts: place(far), isBare: false, perHost: PER_HOST };
}

async function growth(
  sizes: readonly number[],
  start: (stops: Stops) => Promise<Measured>,
): Promise<Growth> {
  const stops = new Stops();
  try {
    const { process, order } = await start(stops);
    const crowds = [];
    for (let nth = 0; nth < CROWDS; nth += 1)
      crowds.push(await Crowd.start(stops, { ...order, nth }));
    const points: { devices: number; bytes: number }[] = [];
    for (const devices of sizes) {
      const share = Math.floor(devices / CROWDS);
      await Promise.all(crowds.map(async (crowd) => await crowd.open(share, OPEN_LIMIT_MS)));
      points.push({ devices: share * CROWDS, bytes: (await process.memory()).rss });
    }
    return points;
  } finally {
    await stops.all();
  }
}
